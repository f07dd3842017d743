"""The sandbox, which is every supplier at once, for a stack whose owner names no other."""

import contextlib
import os
import sys
import time
from pathlib import Path

from local import google_keys, processes
from local.errors import StepFailed
from local.processes import Daemon
from local.settings import ROOT, Settings

START_SECONDS = 30.0


def start(settings: Settings) -> Daemon:
    """Start the sandbox, on the port that it had before if that is still free."""
    port_file = settings.state / "sandbox.port"
    log = settings.log_folder / "sandbox.log"
    before = last_port(settings)
    for port in [before, 0] if before else [0]:
        port_file.unlink(missing_ok=True)
        pid = processes.start(
            command(settings, port, port_file),
            environment={**os.environ, "PYTHONUNBUFFERED": "1"},
            folder=ROOT,
            log=log,
        )
        daemon = processes.record(pid_file(settings), pid, 0)
        if serving := wait_for_port(daemon, port_file, log):
            last_port_file(settings).write_text(f"{serving}\n")
            return processes.record(pid_file(settings), pid, serving)
    raise StepFailed("The sandbox did not start.", log)


def command(settings: Settings, port: int, port_file: Path) -> list[str | Path]:
    """How the sandbox is started. Its keys may stand there for all to read: nothing real hangs on them."""
    given = settings.credentials
    return [
        *(sys.executable, "-m", "sandbox", "--port", str(port), "--port-file", port_file),
        *("--state", settings.state / "sandbox", "--api-key", given.wpay_api_key),
        *("--walleo-api-key", given.walleo_api_key, "--walleo-id", given.walleo_id),
        *("--walleo-shared-key", given.walleo_shared_key),
        *("--time-scale", str(settings.wait_scale)),
        *("--faults", settings.sandbox_faults, "--seed", str(settings.sandbox_seed)),
        *("--google-public-key", google_keys.public_key_file(settings.state)),
    ]


def wait_for_port(daemon: Daemon, port_file: Path, log: Path) -> int | None:
    """The port on which it serves; None if it ended first."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            return int(port_file.read_text())
        if not processes.is_running(daemon):
            return None
        time.sleep(0.02)
    raise StepFailed(f"The sandbox did not serve within {START_SECONDS:.0f} seconds.", log)


def running(settings: Settings) -> Daemon | None:
    """Our sandbox of this stack, if it runs."""
    return processes.recorded(pid_file(settings))


def stop(settings: Settings) -> bool:
    """Stop it; its ledger stays."""
    return processes.stop(pid_file(settings))


def last_port(settings: Settings) -> int | None:
    try:
        return int(last_port_file(settings).read_text())
    except (OSError, ValueError):
        return None


def last_port_file(settings: Settings) -> Path:
    """So that the supplier's URL, and with it the functions' settings, stay the same over a restart."""
    return settings.state / "sandbox.last-port"


def pid_file(settings: Settings) -> Path:
    return settings.state / "sandbox.pid"
