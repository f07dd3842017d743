"""A tenant's webhooks as a person reads them: a row for each event, and each attempt of one."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from local.steps import console

TABLE_WIDTH: Final = 80
"""A narrower terminal wraps the lines; nothing is cut."""
ID_WIDTH: Final = 32
EVENTS: Final = ("Event, and where it goes", "State", "Tries", "Last", "Made")
ATTEMPTS: Final = ("Try", "At", "Status", "ms", "Problem")


def show_events(events: Sequence[Mapping[str, Any]]) -> None:
    if not events:
        console.print("No webhook was ever due: no batch or order with a webhook_url has come to its end.")
        return
    rows = [(f"{e['id']}\n{e['url']}", e["state"], str(e["tries"]), last(e), seconds(e["createdAt"])) for e in events]
    console.print(table(EVENTS, rows, EVENTS[0]), width=max(console.width, TABLE_WIDTH), soft_wrap=False)
    console.print("One with its attempts:  make webhooks EVENT=…", markup=False)
    console.print("Send again:             make webhooks EVENT=… ACT=resend", markup=False)
    console.print("All that failed:        make webhooks ACT=resend_failed FROM=… TO=…", markup=False)


def show_event(event: Mapping[str, Any]) -> None:
    """The event in some lines, then its attempts."""
    console.print(f"\n{event['id']}  {event['state']}", markup=False, style="bold")
    console.print(f"  {event['subject']} to {event['url']}", markup=False)
    console.print(f"  {event['body']}", markup=False)
    if event["lastProblem"]:
        console.print(f"  {event['lastProblem']}", markup=False)
    if event["nextTryAt"]:
        console.print(f"  the next try is due at {event['nextTryAt']}", markup=False)
    rows = [attempt_row(one) for one in event["attempts"]]
    if rows:
        console.print(table(ATTEMPTS, rows, "Problem"), width=max(console.width, TABLE_WIDTH), soft_wrap=False)


def show_rotated(answer: Mapping[str, Any]) -> None:
    """The new secret is for the person who asked: it is what their receiver needs."""
    console.print(f"The new secret: {answer['secret']}", markup=False)
    console.print(f"The one before signs too, until {answer['previousSignsUntil']}.", markup=False)


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], folded: str) -> Table:
    made = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for header in headers:
        made.add_column(
            header, no_wrap=header != folded, overflow="fold", min_width=ID_WIDTH if header == EVENTS[0] else None
        )
    for row in rows:
        made.add_row(*map(escape, row))
    return made


def seconds(time: str) -> str:
    """An ISO time, short: 2026-11-21 05:03:38."""
    return time[:19].replace("T", " ")


def attempt_row(one: Mapping[str, Any]) -> tuple[str, ...]:
    status = str(one["status"] or "–")
    return str(one["number"]), seconds(one["at"]), status, str(one["milliseconds"]), one["problem"] or ""


def last(event: Mapping[str, Any]) -> str:
    return str(event["lastStatus"] or ("–" if event["lastProblem"] else ""))
