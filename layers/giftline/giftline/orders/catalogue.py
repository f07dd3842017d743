"""What can be ordered, from whom, and for how much; amounts and skus are judged at the doors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from giftline.errors import FieldProblem
from giftline.money import Currency, Money

KEPT_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Offer:
    """A sku as one supplier sells it: under what code, and for what amounts (minor units): `fixed`
    ones if there are any, else `least` to `most` in `step`s. The lowest `priority` is asked first.
    """

    supplier: str
    code: str
    priority: int = 1
    least: int = 0
    most: int = 0
    step: int = 1
    fixed: tuple[int, ...] = ()

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
    """A sku, and who sells it."""

    sku: str
    name: str
    currency: Currency
    offers: tuple[Offer, ...]
    has_pin: bool = True

    def offers_for(self, minor: int) -> list[Offer]:
        """Those that have the amount, in the order in which they are to be asked."""
        return sorted((offer for offer in self.offers if offer.allows(minor)), key=lambda offer: offer.priority)

    def allows(self, minor: int) -> bool:
        return any(offer.allows(minor) for offer in self.offers)

    @property
    def expectation(self) -> str:
        """What amounts are good, in words."""
        return ", or ".join(dict.fromkeys(offer.expectation(self.currency) for offer in self.offers))


class Catalogue:
    """The products by sku."""

    def __init__(self, products: Iterable[Product]) -> None:
        self._products: Mapping[str, Product] = {p.sku: p for p in products}

    @property
    def products(self) -> Mapping[str, Product]:
        return self._products

    def find(self, sku: str) -> Product | None:
        return self.products.get(sku)

    def product(self, sku: str) -> Product:
        """The product of a sku that was checked before; KeyError where it left the catalogue."""
        return self.products[sku]

    def offers(self, sku: str, minor: int) -> list[Offer]:
        """Who can be asked for that card, in order; nobody where the sku left the catalogue."""
        product = self.find(sku)
        return product.offers_for(minor) if product else []

    def needs_pin(self, skus: Iterable[str]) -> dict[str, bool]:
        """By sku; an unknown one is taken to need a PIN, so that a card without is looked at."""
        return {sku: product.has_pin if (product := self.find(sku)) else True for sku in skus}

    def name(self, sku: str) -> str:
        return product.name if (product := self.find(sku)) else sku

    def check(self, sku: str, minor: int | None, field_sku: str, field_amount: str) -> list[FieldProblem]:
        """What is wrong with an amount (minor units, None = not an amount) of a sku."""
        product = self.find(sku)
        if product is None:
            known = ", ".join(sorted(self.products)[:12]) or "none: the catalogue is empty"
            return [FieldProblem(field_sku, f"unknown sku {sku!r:.80}", f"one of {known}", "5320")]
        if minor is None or not product.allows(minor):
            return [FieldProblem(field_amount, f"not an amount of {sku}", product.expectation, "5318")]
        return []


class LiveCatalogue(Catalogue):
    """A catalogue that is read when it is first needed, and again once it is a minute old."""

    def __init__(self, read: Callable[[], Iterable[Product]], elapsed: Callable[[], float]) -> None:
        super().__init__(())
        self._read = read
        self._elapsed = elapsed
        self._read_at = float("-inf")

    @property
    def products(self) -> Mapping[str, Product]:
        if self._elapsed() - self._read_at > KEPT_SECONDS:
            self._products = {product.sku: product for product in self._read()}
            self._read_at = self._elapsed()
        return self._products
