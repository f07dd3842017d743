"""python -m sandbox: the suppliers and Google Wallet in the foreground, until it is told to stop."""

import argparse
import logging
import os
import re
import signal
import sys
import threading
from pathlib import Path

from sandbox.faults import PROFILES
from sandbox.server import BOTH, SUPPLIERS, Running, start
from sandbox.settings import GOOGLE_ACCOUNT, GOOGLE_ISSUER_ID, WALLEO_SHARED_KEY, Settings

LARGEST_PORT = 65_535


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    logging.getLogger("waitress").setLevel(logging.ERROR)
    stop = _stop_on_signals()
    _forget_port(options.port_file)
    try:
        with start(_settings(options), port=options.port, supplier=options.supplier) as running:
            _announce(running, options)
            stop.wait()
    except OSError as error:
        print(f"sandbox: cannot serve on port {options.port}: {error}", file=sys.stderr)
        return 1
    finally:
        _forget_port(options.port_file)
    return 0


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(
        state=options.state,
        api_key=options.api_key,
        time_scale=options.time_scale,
        faults=options.faults,
        seed=options.seed,
        base_seconds=options.base_seconds,
        seconds_per_card=options.seconds_per_card,
        hang_seconds=options.hang_seconds,
        opening_balance=round(options.balance * 100),
        walleo_api_key=options.walleo_api_key,
        walleo_id=options.walleo_id,
        walleo_shared_key=options.walleo_shared_key,
        walleo_opening_balance=round(options.walleo_balance * 100),
        pull_seconds=options.pull_seconds,
        walleo_rate=options.walleo_rate,
        google_public_key=options.google_public_key,
        google_issuer_id=options.google_issuer_id,
        google_account=options.google_account,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="Gift card suppliers and Google Wallet on 127.0.0.1, as documented. No real card, no real money.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--supplier", choices=sorted(SUPPLIERS), default=BOTH, help="which of them to be; both is all three")
    add("--port", type=_port, default=0, metavar="N", help="port to listen on; 0 takes a free one")
    add("--port-file", type=Path, metavar="FILE", help="file that gets the port once the server listens")
    add("--state", type=Path, required=True, metavar="DIR", help="directory of the ledger, made if it is missing")
    add("--api-key", default="sandbox-key", metavar="KEY", help="what clients of Wpay must send as X-Api-Key")
    add("--time-scale", type=_positive, default=0.001, metavar="X", help="by which the supplier's times are multiplied")
    add("--faults", choices=sorted(PROFILES), default="none", help="how often requests have accidents")
    add("--seed", type=int, default=1, metavar="N", help="decides which requests have accidents")
    processing = parser.add_argument_group("processing", "in the supplier's seconds, before --time-scale")
    processing.add_argument("--base-seconds", type=_amount, default=240.0, metavar="S", help="of any order")
    processing.add_argument("--seconds-per-card", type=_amount, default=0.1, metavar="S", help="and of each card")
    processing.add_argument("--pull-seconds", type=_amount, default=4.0, metavar="S", help="of a Walleo pull request")
    add("--hang-seconds", type=_amount, default=15.0, metavar="S", help="how long WPAY-TEST-HANG takes, not scaled")
    add("--balance", type=_amount, default=50_000_000.0, metavar="AUD", help="money in the account at the start")
    _add_walleo(parser.add_argument_group("walleo"))
    _add_google(parser.add_argument_group("google"))
    return parser


def _add_walleo(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--walleo-api-key", default="sandbox-key", metavar="KEY", help="what clients must send as Bearer")
    add("--walleo-id", default="sandbox", metavar="ID", help="what clients must send as Id")
    add("--walleo-shared-key", type=_hex, default=WALLEO_SHARED_KEY, metavar="HEX", help="what clients sign with")
    add("--walleo-balance", type=_amount, default=50_000_000.0, metavar="EUR", help="money in the account at the start")
    add("--walleo-rate", type=_count, default=0, metavar="N", help="requests a second before 429; 0 is no limit")


def _add_google(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--google-public-key", type=_file, metavar="FILE", help="PEM that checks what clients sign")
    add("--google-issuer-id", default=GOOGLE_ISSUER_ID, metavar="ID", help="whose passes these are")
    add("--google-account", default=GOOGLE_ACCOUNT, metavar="EMAIL", help="the service account that may sign")


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > LARGEST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port (0 to {LARGEST_PORT})")
    return int(text)


def _amount(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 0")
    return number


def _hex(text: str) -> str:
    if len(text) % 2 or not re.fullmatch(r"[0-9A-Fa-f]+", text):
        raise argparse.ArgumentTypeError("must be hex, an even number of digits")
    return text


def _file(text: str) -> Path:
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"{text!r} is not a file")
    return Path(text)


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 0")
    return int(text)


def _positive(text: str) -> float:
    if (number := _amount(text)) == 0:
        raise argparse.ArgumentTypeError("must be more than 0")
    return number


def _stop_on_signals() -> threading.Event:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _announce(running: Running, options: argparse.Namespace) -> None:
    if options.port_file:
        # In one step: whoever waits for the file must never read half a number.
        draft = options.port_file.with_name(f"{options.port_file.name}.{os.getpid()}")
        draft.write_text(f"{running.port}\n")
        draft.replace(options.port_file)
    name = "wpay, walleo and google" if options.supplier == BOTH else options.supplier
    print(f"{name} sandbox on {running.url} (faults: {options.faults}, seed {options.seed})", flush=True)


def _forget_port(port_file: Path | None) -> None:
    if port_file:
        port_file.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
