"""What a supplier says that it sold, beside what was delivered: card by card, and to the last cent."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from local.demo_results import Result


@dataclass(slots=True)
class Ledger:
    """One supplier's sales under our references. `worth`: card number to amount; `charged`: currency to amount."""

    supplier: str
    worth: dict[str, Decimal] = field(default_factory=dict, repr=False)
    charged: dict[str, Decimal] = field(default_factory=dict)
    purchases: int = 0
    hasty_polls: int = 0
    differences: list[str] = field(default_factory=list)

    def charge(self, currency: str, amount: Decimal) -> None:
        self.purchases += 1
        self.charged[currency] = self.charged.get(currency, Decimal(0)) + amount

    @property
    def said(self) -> str:
        """In one line, for a ledger that agrees."""
        cards = "1 card" if len(self.worth) == 1 else f"{len(self.worth):,} cards"
        money = " and ".join(f"{currency} {amount:,.2f}" for currency, amount in sorted(self.charged.items()))
        bought = "1 purchase" if self.purchases == 1 else f"{self.purchases:,} purchases"
        return ", ".join([cards, *([money] if money else []), bought, "0 polls under the interval"])


def judge(ledger: Ledger, results: Iterable[Result]) -> None:
    """Each card that it sold was received and delivered, for the money that it charged; no poll came too early."""
    received, delivered, paid = 0, 0, dict.fromkeys(ledger.charged, Decimal(0))
    for result in results:
        received += sum(lot.received for lot in result.lots if lot.supplier == ledger.supplier)
        bought = [amount for number, amount in result.worth.items() if number in ledger.worth]
        delivered += len(bought)
        if bought:
            paid[result.currency] = sum(bought, paid.get(result.currency, Decimal(0)))
    sold = len(ledger.worth)
    if sold != received:
        ledger.differences.append(f"it sold {sold:,} cards, and {received:,} were received")
    if sold != delivered:
        ledger.differences.append(f"it sold {sold:,} cards, and {delivered:,} of them were delivered")
    for currency, amount in sorted(paid.items()):
        charged = ledger.charged.get(currency, Decimal(0))
        if charged != amount:
            ledger.differences.append(f"it charged {currency} {charged:,.2f}, and {amount:,.2f} was delivered")
    if ledger.hasty_polls:
        ledger.differences.append(f"it was polled {ledger.hasty_polls} times before its interval was over")


def sold_by_none(ledgers: Iterable[Ledger], results: Iterable[Result]) -> int:
    """How many delivered cards stand in no ledger; it means something only where every supplier was asked."""
    sold = {number for ledger in ledgers for number in ledger.worth}
    return sum(number not in sold for result in results for number in result.worth)
