"""A product's amounts as the Walleo document has them: whole major units, fixed ones or a range in steps."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Any

from giftline.orders.catalogue import Offer, Product


@dataclass(frozen=True, slots=True)
class FixedValues:
    """These amounts and no other."""

    amounts: tuple[int, ...]

    def __str__(self) -> str:
        *most, last = map(str, self.amounts)
        return f"one of {', '.join(most)} or {last}" if most else f"one of {last}"

    @property
    def body(self) -> dict[str, Any]:
        return {"type": "fixed", "amounts": list(self.amounts)}


@dataclass(frozen=True, slots=True)
class FreeValues:
    """Any amount of a range, in steps."""

    least: int
    most: int
    step: int

    def __str__(self) -> str:
        return f"within range from {self.least} to {self.most} with steps of {self.step}"

    @property
    def body(self) -> dict[str, Any]:
        return {"type": "free", "min_amount": self.least, "max_amount": self.most, "step_amount": self.step}


Values = FixedValues | FreeValues


def unit_of(product: Product) -> int:
    """Minor units in a major one."""
    return int(10**product.currency.decimals)


def values_of(product: Product) -> Values | None:
    """Those of the offer that is asked first, and where all are fixed those of all; None where none is whole."""
    unit, offers = unit_of(product), sorted(product.offers, key=lambda offer: offer.priority)
    if offers and all(offer.fixed for offer in offers):
        return _fixed({minor for offer in offers for minor in offer.fixed}, unit)
    return next((values for offer in offers if (values := _values(offer, unit))), None)


def _values(offer: Offer, unit: int) -> Values | None:
    return _fixed(set(offer.fixed), unit) if offer.fixed else _free(offer, unit)


def _fixed(minors: set[int], unit: int) -> FixedValues | None:
    whole = tuple(sorted(minor // unit for minor in minors if minor % unit == 0))
    return FixedValues(whole) if whole else None


def _free(offer: Offer, unit: int) -> FreeValues | None:
    """Of the offer's steps those that are whole: every so many of them is, or none."""
    steps = unit // gcd(offer.step, unit)
    least = next((m for n in range(steps) if (m := offer.least + n * offer.step) % unit == 0), None)
    if least is None or least > offer.most:
        return None
    step = steps * offer.step
    most = least + (offer.most - least) // step * step
    return FreeValues(least // unit, most // unit, step // unit)
