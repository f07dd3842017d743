"""Balances may be below nought, amounts of orders never: so they are read apart."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from giftline.money import parse_minor


def signed_minor(value: Any, decimals: int) -> int | None:
    """Minor units of a number or a decimal string with perhaps a minus sign; None where it is not an exact amount."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if not isinstance(value, str):
        minor = parse_minor(abs(value), decimals)
        return -minor if minor is not None and value < 0 else minor
    text = value.strip()
    minor = parse_minor(text.removeprefix("-"), decimals)
    return -minor if minor is not None and text.startswith("-") else minor
