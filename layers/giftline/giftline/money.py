"""Money as whole minor units with its currency; nothing here rounds."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any


@dataclass(frozen=True, slots=True)
class Currency:
    """ISO 4217: letters, three digits as a string, decimals of the minor unit."""

    code: str
    numeric: str
    decimals: int
    symbol: str


CURRENCIES = (
    Currency("AUD", "036", 2, "$"),
    Currency("NZD", "554", 2, "$"),
    Currency("USD", "840", 2, "$"),
    Currency("EUR", "978", 2, "€"),
    Currency("GBP", "826", 2, "£"),
    Currency("INR", "356", 2, "₹"),
    Currency("SGD", "702", 2, "$"),
    Currency("JPY", "392", 0, "¥"),
)
_BY_NAME = {name: c for c in CURRENCIES for name in (c.code, c.numeric)}


def currency_named(name: str) -> Currency | None:
    """The currency of a letter code ("AUD") or a numeric one ("036"); None where unknown."""
    return _BY_NAME.get(name.strip().upper())


def known_currency(name: str) -> Currency:
    """The currency of a name that was checked before; ValueError where it was not."""
    currency = currency_named(name)
    if currency is None:
        raise ValueError(f"no currency is called {name!r:.20}")
    return currency


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of minor units (cents); adding two currencies is an error, not a sum."""

    minor: int
    currency: Currency

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"{self.currency.code} and {other.currency.code} do not add up")
        return Money(self.minor + other.minor, self.currency)

    def __mul__(self, times: int) -> Money:
        return Money(self.minor * times, self.currency)

    @property
    def decimal(self) -> Decimal:
        return Decimal(self.minor).scaleb(-self.currency.decimals)

    def __str__(self) -> str:
        """As the Wpay document writes amounts: "5.00"."""
        return f"{self.decimal:.{self.currency.decimals}f}"


def parse_minor(value: Any, decimals: int = 2) -> int | None:
    """Minor units of a number or a decimal string; None where it is not an exact amount.

    Takes 5, 5.0, "5", "5.00"; refuses booleans, exponents, signs, fractions of a minor unit.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, Decimal) and not (value.is_finite() and abs(value.adjusted()) <= 20):
        return None
    text = format(value, "f") if isinstance(value, Decimal) else str(value).strip()
    if not (text.isascii() and text.replace(".", "", 1).isdigit() and len(text) <= 20):
        return None
    try:
        minor = Decimal(text).scaleb(decimals)
    except InvalidOperation:
        return None
    return int(minor) if minor == minor.to_integral_value() else None
