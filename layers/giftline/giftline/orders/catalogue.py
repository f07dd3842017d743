"""What can be ordered, from whom, and for how much; amounts and skus are judged at the doors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from giftline.errors import FieldProblem
from giftline.money import Currency, Money

KEPT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A sku as one supplier sells it: under what code, and for what amounts (minor units): `fixed`
    ones if there are any, else `least` to `most` in `step`s. The lowest `priority` is asked first.
    At `gone_at` (ms since 1970) the supplier was first found to list it no more; or, where it was `withdrawn`,
    somebody took it out, and no supplier's list brings it back.
    """

    supplier: str
    code: str
    priority: int = 1
    least: int = 0
    most: int = 0
    step: int = 1
    fixed: tuple[int, ...] = ()
    gone_at: int | None = None
    withdrawn: bool = False

    def allows(self, minor: int) -> bool:
        if self.fixed:
            return minor in self.fixed
        return self.least <= minor <= self.most and (minor - self.least) % self.step == 0

    def expectation(self, currency: Currency) -> str:
        """What amounts are good, in words."""
        if self.fixed:
            return "one of " + ", ".join(str(Money(m, currency)) for m in self.fixed) + f" {currency.code}"
        least, most = Money(self.least, currency), Money(self.most, currency)
        steps = f" in steps of {Money(self.step, currency)}" if self.step > 1 else ""
        return f"an amount from {least} to {most} {currency.code}{steps}"


@dataclass(frozen=True, slots=True)
class Product:
    """A sku, and who sells it. By offers that are `gone` nothing new is ordered; they are kept for what was."""

    sku: str
    name: str
    currency: Currency
    offers: tuple[Offer, ...]
    has_pin: bool = True
    gone: tuple[Offer, ...] = ()

    def offers_for(self, minor: int) -> list[Offer]:
        """Those that have the amount, in the order in which they are to be asked. Where all are gone, those that
        were there: for an order that was accepted before, their supplier has the last word.
        """
        having = [offer for offer in self.offers or self.gone if offer.allows(minor)]
        return sorted(having, key=lambda offer: offer.priority)

    def allows(self, minor: int) -> bool:
        return any(offer.allows(minor) for offer in self.offers)

    @property
    def is_gone(self) -> bool:
        """It was on sale, and is not any more."""
        return bool(self.gone) and not self.offers

    @property
    def gone_since(self) -> int:
        """When (ms since 1970) its last offer went; 0 where none did."""
        return max((offer.gone_at or 0 for offer in self.gone), default=0)

    @property
    def expectation(self) -> str:
        """What amounts are good, in words."""
        if not self.offers:
            return f"another sku: {self.absence}"
        return ", or ".join(dict.fromkeys(offer.expectation(self.currency) for offer in self.offers))

    @property
    def absence(self) -> str:
        """Why it cannot be ordered; empty for what is on sale."""
        if self.offers:
            return ""
        if not (since := self.gone_since):
            return "it is not on sale"
        return f"it is not sold any more, since {datetime.fromtimestamp(since / 1000, tz=UTC):%Y-%m-%d}"


class Catalogue:
    """The products by sku. One that is gone is no product for whoever wants to order; what was ordered before
    keeps its name and its offers.
    """

    def __init__(self, products: Iterable[Product]) -> None:
        self._products: Mapping[str, Product] = {p.sku: p for p in products}

    def _all(self) -> Mapping[str, Product]:
        return self._products

    @property
    def products(self) -> Mapping[str, Product]:
        """Those that can be ordered, and those that nobody has in stock."""
        return {sku: product for sku, product in self._all().items() if not product.is_gone}

    def find(self, sku: str) -> Product | None:
        """None alike for what was never there and what is gone."""
        product = self._all().get(sku)
        return None if product is None or product.is_gone else product

    def product(self, sku: str) -> Product:
        """The product of a sku that was checked before; KeyError where it left the catalogue."""
        return self._all()[sku]

    def offers(self, sku: str, minor: int) -> list[Offer]:
        """Who can be asked for that card, in order; nobody where the sku left the catalogue."""
        product = self._all().get(sku)
        return product.offers_for(minor) if product else []

    def needs_pin(self, skus: Iterable[str]) -> dict[str, bool]:
        """By sku; an unknown one is taken to need a PIN, so that a card without is looked at."""
        return {sku: product.has_pin if (product := self._all().get(sku)) else True for sku in skus}

    def name(self, sku: str) -> str:
        return product.name if (product := self._all().get(sku)) else sku

    def check(self, sku: str, minor: int | None, field_sku: str, field_amount: str) -> list[FieldProblem]:
        """What is wrong with an amount (minor units, None = not an amount) of a sku."""
        product = self._all().get(sku)
        if product is None:
            return [FieldProblem(field_sku, f"unknown sku {sku!r:.80}", self._some_skus(), "5320")]
        if product.absence:
            return [FieldProblem(field_sku, f"{sku}: {product.absence}", self._some_skus(), "5320")]
        if minor is None or not product.allows(minor):
            return [FieldProblem(field_amount, f"not an amount of {sku}", product.expectation, "5318")]
        return []

    def _some_skus(self) -> str:
        on_sale = sorted(sku for sku, product in self._all().items() if product.offers)
        return f"one of {', '.join(on_sale[:12]) or 'none: the catalogue is empty'}"


class LiveCatalogue(Catalogue):
    """A catalogue that is read when it is first needed, and again once it is a minute old."""

    def __init__(self, read: Callable[[], Iterable[Product]], elapsed: Callable[[], float]) -> None:
        super().__init__(())
        self._read = read
        self._elapsed = elapsed
        self._read_at = float("-inf")

    def _all(self) -> Mapping[str, Product]:
        if self._elapsed() - self._read_at > KEPT_SECONDS:
            self._products = {product.sku: product for product in self._read()}
            self._read_at = self._elapsed()
        return self._products
