"""What is in review, as a person reads it: a row for each lot, and under it how it came there."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.box import SIMPLE_HEAD
from rich.markup import escape
from rich.table import Table

from local.steps import console

TABLE_WIDTH: Final = 80
"""A narrower terminal wraps the lines; no figure is cut."""


def show_reviews(reviews: Sequence[Mapping[str, Any]]) -> None:
    if not reviews:
        console.print("Nothing is in review.")
        return
    for review in reviews:
        show_review(review)
    console.print("An act on one lot:  make review ORDER=… LOT=… ACT=adopt|give_up|try_again WHY='…'", markup=False)
    console.print("What each reason asks for stands in docs/operations.md, A lot is in REVIEW.")


def show_review(review: Mapping[str, Any]) -> None:
    """The order in one line, then its lots."""
    ordered, delivered = review["ordered"], review["delivered"]
    console.print(f"\nOrder {review['orderId']}  ({review['tenant']}, {review['refno']})", markup=False, style="bold")
    console.print(
        f"  {delivered['cards']:,} of {ordered['cards']:,} cards delivered, {review['currency']} "
        f"{delivered['amount']} of {ordered['amount']}; {watch_words(review)}",
        markup=False,
    )
    if not review["lots"]:
        console.print(f"  LOT=0  {review.get('hint', '')}", markup=False)
        return
    console.print(lots_table(review), width=max(console.width, TABLE_WIDTH), soft_wrap=False)
    for lot in review["lots"]:
        show_history(lot)


def watch_words(review: Mapping[str, Any]) -> str:
    until = review["watchedUntil"]
    return f"the supplier is asked again until {until}" if until else "nobody asks the supplier any more"


def lots_table(review: Mapping[str, Any]) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    for header in ("Lot", "Supplier", "Cards", f"{review['currency']} in doubt", "Reason"):
        justify = "right" if "doubt" in header else "left"
        is_short = header != "Reason"
        table.add_column(header, justify=justify, no_wrap=is_short, overflow="fold")  # type: ignore[arg-type]
    for lot in review["lots"]:
        table.add_row(*map(escape, lot_row(lot)))
    return table


def lot_row(lot: Mapping[str, Any]) -> tuple[str, ...]:
    cards = f"{lot['cards']['received']:,} of {lot['cards']['ordered']:,}"
    if lot["withheld"]:
        cards += "\nwithheld"
    slots = ", ".join(f"{count} {state}" for state, count in (lot["slots"] or {}).items())
    reason = f"{lot['reason']} ({slots})" if slots else lot["reason"]
    return str(lot["lot"]), lot["supplier"], cards, lot["value"], reason


def show_history(lot: Mapping[str, Any]) -> None:
    order_id = f", their order {lot['supplierOrderId']}" if lot["supplierOrderId"] else ""
    console.print(f"  Lot {lot['lot']}, reference {lot['reference']}{order_id}", markup=False)
    for event in lot["history"]:
        console.print(f"    {event['at']}  {event_words(event)}", markup=False)


def event_words(event: Mapping[str, Any]) -> str:
    if event["event"] == "act":
        return f"{event['act']} by {event['who']}: {event['why']} ({event['found']})"
    if "posts" not in event:
        return str(event["event"])
    cards = f" for {event['cards']} cards" if "cards" in event else ""
    return f"{event['event']} (posts: {event['posts']}{cards})"
