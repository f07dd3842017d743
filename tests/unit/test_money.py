"""Amounts are exact or they are nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from giftline.money import Money, currency_named, known_currency, parse_minor
from tests.fakes.house import AUD, EUR


@pytest.mark.parametrize(
    ("value", "minor"),
    [
        (5, 500), (5.0, 500), ("5", 500), ("5.00", 500), ("5.5", 550), (Decimal("5.10"), 510), (" 5 ", 500), (0, 0),
        ("0.01", 1), ("5.", 500), (".5", 50), (Decimal("5E+1"), 5_000), (10**17, 10**19),
        (5.005, None), ("5.005", None), (True, None), (False, None), ("1e3", None), ("-5", None), (-5, None),
        ("+5", None), (None, None), ("", None), (" ", None), (".", None), ("5,00", None), ("1 000", None), ("٣", None),
        ("²", None), ("NaN", None), (float("nan"), None), (float("inf"), None), (Decimal("NaN"), None),
        (Decimal("Infinity"), None), (10**30, None), ("9" * 21, None), ("0x10", None), ("1_000", None), ([5], None),
        ({}, None), (b"5", None), ("5.0.0", None), ("5\x00", None),
    ],
)  # fmt: skip
def test_an_amount_is_read_exactly_or_not_at_all(value: Any, minor: int | None) -> None:
    assert parse_minor(value) == minor


def test_a_currency_without_minor_units_takes_whole_numbers_only() -> None:
    assert parse_minor("500", 0) == 500
    assert parse_minor("5.5", 0) is None


@given(st.integers(0, 10**12))
def test_what_money_writes_it_reads_again(minor: int) -> None:
    assert parse_minor(str(Money(minor, AUD))) == minor
    assert parse_minor(Money(minor, AUD).decimal) == minor


def test_two_currencies_do_not_add_up() -> None:
    with pytest.raises(ValueError, match="AUD and EUR"):
        Money(1, AUD) + Money(1, EUR)


@pytest.mark.parametrize(("name", "code"), [("036", "AUD"), ("aud", "AUD"), (" 978 ", "EUR"), ("36", None), ("", None)])
def test_a_currency_is_known_by_letters_or_digits(name: str, code: str | None) -> None:
    found = currency_named(name)
    assert (found.code if found else None) == code


def test_an_unknown_currency_is_named() -> None:
    with pytest.raises(ValueError, match="XXX"):
        known_currency("XXX")


@pytest.mark.parametrize("text", ["1e300000000", "1e-300000000", "NaN", "Infinity", "-1"])
def test_a_monstrous_number_is_refused_before_it_is_written_out(text: str) -> None:
    assert parse_minor(Decimal(text)) is None
