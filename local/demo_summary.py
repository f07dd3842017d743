"""The end of the demo: a table of what came, where it lies, masked cards, and what to do next."""

from collections.abc import Mapping
from decimal import Decimal

from rich.box import SIMPLE_HEAD
from rich.table import Table

from local.demo_lots import takeovers
from local.demo_orders import DroppedFile
from local.demo_results import MaskedCard, Result, keep
from local.settings import Settings, read_settings
from local.steps import console

LINK_MINUTES = 15
TABLE_WIDTH = 80
"""A narrower terminal wraps the lines; no figure is cut."""
HEADERS = (
    "Order",
    "Cards\nordered",
    "\nreceived",
    "",
    "Money\nordered",
    "\ndelivered",
    "Time at\nsupplier",
    "Time in\nGiftline",
)
LEFT = ("Order", "")


def show_table(results: list[Result]) -> None:
    """A row for each order, and the sums; money by currency."""
    if not results:
        return
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, show_edge=False, show_footer=len(results) > 1)
    for header, footer in zip(HEADERS, totals(results), strict=True):
        justify = "left" if header in LEFT else "right"
        table.add_column(header, footer, justify=justify, no_wrap=True)  # type: ignore[arg-type]
    for result in results:
        table.add_row(*row(result))
    console.print()
    console.print(table, width=max(console.width, TABLE_WIDTH))
    console.print()
    if len(results) > 1:
        console.print("[dim]The orders ran side by side: the times in the last row are the slowest one's.[/]")
    console.print("[dim]Times count from the drop. After a deployment each function's first call is a slow one.[/]\n")


def row(result: Result) -> tuple[str, ...]:
    return (
        result.file.name,
        f"{result.ordered:,}",
        f"{result.received:,}",
        result.currency,
        f"{result.ordered_amount:,.2f}",
        f"{result.delivered_amount:,.2f}",
        f"{result.supplier_seconds:.1f} s",
        f"{result.giftline_seconds:.1f} s",
    )


def totals(results: list[Result]) -> tuple[str, ...]:
    """Orders run side by side: the times of them all are those of the slowest."""
    slowest = max(results, key=lambda result: result.seconds)
    by_currency: dict[str, list[Result]] = {}
    for result in results:
        by_currency.setdefault(result.currency, []).append(result)
    sums = sorted(by_currency.items())
    return (
        "All",
        f"{sum(r.ordered for r in results):,}",
        f"{sum(r.received for r in results):,}",
        "\n".join(currency for currency, _ in sums),
        "\n".join(f"{sum((r.ordered_amount for r in same), Decimal(0)):,.2f}" for _, same in sums),
        "\n".join(f"{sum((r.delivered_amount for r in same), Decimal(0)):,.2f}" for _, same in sums),
        f"{slowest.supplier_seconds:.1f} s",
        f"{slowest.giftline_seconds:.1f} s",
    )


def show_takeovers(results: list[Result]) -> None:
    """Where a second supplier delivered what the first one refused."""
    for result in results:
        for line in takeovers(result.lots):
            console.print(f"{result.file.name}: {line}", markup=False)


def show_files(results: list[Result], outputs: Mapping[str, str]) -> None:
    """Where the files lie, and a command for each that brings the cards here."""
    if not results:
        return
    console.print("\n[bold]The files[/]", "of each order: cards.csv, cards.jsonl and summary.json")
    for result in results:
        folder = f"results/{outputs['Tenant']}/{result.order_id}"
        console.print(f"  s3://{outputs['ResultsBucketName']}/{folder}/", markup=False)
    console.print(f"\nTo get the cards (a link is good for {LINK_MINUTES} minutes; each status answer has fresh ones):")
    for result in results:
        if link := result.links.get("cards.csv"):
            console.print(f"  curl -o {result.file.refno}.csv '{link}'", markup=False)


def show_cards(results: list[Result]) -> None:
    """A card of each sku, as much of it as a screen may show."""
    found: dict[str, MaskedCard] = {}
    for result in results:
        for card in result.samples.values():
            keep(found, card)
    cards = list(found.values())
    if not cards:
        return
    console.print(f"\n[bold]{'One card of each kind' if len(cards) > 1 else 'A card'}[/], masked")
    width = max(len(card.sku) for card in cards)
    for card in cards:
        name = f"  for {card.name}" if card.name else ""
        worth = f"{card.currency} {card.amount:>6}"
        console.print(f"  {card.sku:<{width}}  {worth}  {card.number}  PIN {card.pin:<4}{name}", markup=False)


def show_next(files: list[DroppedFile], outputs: Mapping[str, str], settings: Settings) -> None:
    """The same by hand, and how to stop."""
    url = f"{outputs['ApiUrl']}/v1/partner/giftcards/order/{files[0].refno}/status"
    console.print("\n[bold]Next[/]")
    console.print(f"  Ask for an order:  curl -H 'X-Api-Key: {outputs['Token']}' {url}", markup=False)
    console.print("  Another size:      make demo CARDS=25000")
    console.print(f"  Stop the stack:    {make_down(settings)}   (it is left running; its data stays)")


def make_down(settings: Settings) -> str:
    """The command that stops this very stack, with whatever is not the default."""
    named = {"GIFTLINE_PORT": str(settings.port)} if settings.port != read_settings({}).port else {}
    if settings.state != read_settings(named).state:
        named["STATE_DIR"] = str(settings.state)
    return " ".join(["make down", *(f"{name}={value}" for name, value in named.items())])
