"""All attacks, run and counted by family.

`PYTHONPATH=layers/giftline python -m tests.stack_support.hostile_table` prints the table.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from giftline.delivery.ports import Answer
from giftline.delivery.public_addresses import is_public
from giftline.delivery.webhook_http import WebhookHttp
from tests.stack_support.hostile_cases import CASES, NAME, PUBLIC, REDIRECTS, FakeDns, HostileCase
from tests.stack_support.hostile_certificates import Authority
from tests.stack_support.hostile_server import Receiver, says
from tests.stack_support.hostile_sockets import led_to, watched_sockets

COLUMNS = ("family", "cases", "refused before connect", "connects forbidden")


@dataclass(frozen=True)
class Outcome:
    """What came of one attack. `connects` are the addresses that a socket was told to connect to."""

    answer: Answer
    connects: tuple[tuple[str, int], ...]
    system_lookups: tuple[str, ...] = ()

    @property
    def forbidden(self) -> int:
        return sum(not is_public(address) for address, _ in self.connects)


@dataclass
class Row:
    """One line of the table."""

    family: str
    cases: int = 0
    refused: int = 0
    forbidden: int = 0

    def add(self, outcome: Outcome) -> None:
        self.cases += 1
        self.refused += not outcome.connects
        self.forbidden += outcome.forbidden


def attack(case: HostileCase, sender: WebhookHttp) -> Outcome:
    """Send to the case's URL by its DNS, as in production; every connect is seen, and stopped."""
    guarded = replace(sender, resolve=FakeDns(case.answers))
    with watched_sockets() as seen:
        answer = guarded.post(case.url, b"{}", {})
    return Outcome(answer, tuple(seen.connects), tuple(seen.lookups))


def redirected(receiver: Receiver, authority: Authority) -> Outcome:
    """Send to a receiver that is reached by a public address, and answers as it likes."""
    dns = FakeDns(((PUBLIC,), ("127.0.0.1",)))
    sender = WebhookHttp(allow_local=False, resolve=dns, seconds=5.0, tls=authority.trusting())
    with led_to(receiver.port) as wanted:
        answer = sender.post(NAME, b"{}", {})
    return Outcome(answer, tuple(wanted))


def attack_table() -> list[Row]:
    """One row a family, and the sum; every attack is run anew."""
    rows: dict[str, Row] = {}
    for family, outcome in (*_attacks(), *_redirects()):
        rows.setdefault(family, Row(family)).add(outcome)
    total = Row("all")
    for row in rows.values():
        total.cases += row.cases
        total.refused += row.refused
        total.forbidden += row.forbidden
    return [*rows.values(), total]


def _attacks() -> Iterator[tuple[str, Outcome]]:
    sender = WebhookHttp(allow_local=False)
    return ((case.family, attack(case, sender)) for case in CASES)


def _redirects() -> Iterator[tuple[str, Outcome]]:
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        tls = authority.server("hooks.example.com")
        for status, place in REDIRECTS:
            receiver = Receiver(says(f"{status} Elsewhere", b"", f"Location: {place}\r\n".encode()), tls)
            try:
                yield "redirects (answers of a receiver that was reached)", redirected(receiver, authority)
            finally:
                receiver.close()


def _markdown(rows: list[Row]) -> Iterator[str]:
    yield f"| {' | '.join(COLUMNS)} |"
    yield "|---|--:|--:|--:|"
    for row in rows:
        yield f"| {row.family} | {row.cases} | {row.refused} | {row.forbidden} |"


if __name__ == "__main__":
    print("\n".join(_markdown(attack_table())))  # noqa: T201 - it is a command
