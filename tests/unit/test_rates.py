"""How many requests a supplier allows: from the environment, and from its own answers."""

from __future__ import annotations

import pytest

from giftline.errors import Misconfigured
from giftline.orders.pacing import pause_until, stay_away, take_turn
from giftline.settings import read_settings
from giftline.suppliers.http import LONGEST_RETRY_AFTER, read_retry_after
from tests.fakes.house import House


@pytest.mark.parametrize(
    ("text", "rate"), [("", 0.0), ("0", 0.0), ("20", 20.0), ("0.5", 0.5), ("1e2", 100.0), ("10000", 10_000.0)]
)
def test_the_environment_names_a_rate_for_each_supplier(text: str, rate: float) -> None:
    settings = read_settings({"WALLEO_REQUESTS_PER_SECOND": text, "WPAY_REQUESTS_PER_SECOND": "3"})
    assert (settings.rate("walleo"), settings.rate("wpay")) == (rate, 3.0)


@pytest.mark.parametrize("text", ["-1", "-0.1", "10000.1", "nan", "inf", "-inf", "twenty", "20/s", "1,5"])
def test_what_is_no_rate_names_its_variable(text: str) -> None:
    settings = read_settings({"WALLEO_REQUESTS_PER_SECOND": text})
    with pytest.raises(Misconfigured, match="WALLEO_REQUESTS_PER_SECOND"):
        settings.rate("walleo")
    assert settings.rate("wpay") == 0.0


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0.0),
        ("7", 7.0),
        ("007", 7.0),
        ("300", 300.0),
        ("301", LONGEST_RETRY_AFTER),
        ("9" * 400, LONGEST_RETRY_AFTER),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        (" 7", None),
        ("7 ", None),
        ("\u0667", None),
        ("\u00b2", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", None),
    ],
)
def test_retry_after_is_whole_seconds_and_never_for_long(text: str | None, seconds: float | None) -> None:
    assert read_retry_after(text) == seconds


def test_a_turn_is_waited_for_until_it_begins(house: House) -> None:
    house.pace.hold("walleo", house.clock.now() + 4_000)
    before = house.clock.now()
    turn = take_turn(house.pace, house.clock, "walleo")
    assert (turn.count, turn.start, house.clock.now()) == (1, before + 4_000, before + 4_000)


def test_a_turn_that_is_too_far_away_is_not_waited_for(house: House) -> None:
    house.pace.hold("walleo", house.clock.now() + 6_000)
    before = house.clock.now()
    assert take_turn(house.pace, house.clock, "walleo").count == 0
    assert house.clock.now() == before


@pytest.mark.parametrize("at", [-5_000, 0])
def test_a_time_that_has_passed_is_not_waited_for(house: House, at: int) -> None:
    before = house.clock.now()
    pause_until(house.clock, before + at)
    assert house.clock.now() == before


@pytest.mark.parametrize("seconds", [None, 0.0])
def test_without_a_wish_nobody_is_held(house: House, seconds: float | None) -> None:
    stay_away(house.pace, house.clock, "walleo", seconds)
    assert house.pace.next_at == {}
