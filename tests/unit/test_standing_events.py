"""The scheduler's event of a standing order, in each form in which it comes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from giftline.doors.standing_events import StandingEvents, scheduled_time
from giftline.storage.schedules import event_of
from tests.fakes.standing import StandingHouse, instant

FIRST = "2026-12-01T08:00"
NOTHING = {"ordered": 0, "skipped": 0, "refused": 0}


@pytest.fixture
def home() -> StandingHouse:
    home = StandingHouse()
    home.at("2026-11-30T12:00")
    return home


def event(home: StandingHouse, scheduled_at: str | None = None) -> dict[str, Any]:
    """As the schedule of a standing order has it; the scheduler puts the time there."""
    found: dict[str, Any] = json.loads(event_of(home.created()))
    return found | ({"scheduled_at": scheduled_at} if scheduled_at else {})


def test_an_event_with_its_time_makes_the_order_of_that_time_once(home: StandingHouse) -> None:
    given = event(home, "2026-12-01T08:00:00Z")
    home.at("2026-12-01T08:03")
    run = StandingEvents(home.run)
    assert run(given) == {"ordered": 1, "skipped": 0, "refused": 0}
    assert run(given) == {"ordered": 1, "skipped": 0, "refused": 0}
    assert len(home.made) == 1


def test_an_event_into_which_no_time_was_put_makes_the_orders_that_are_due(home: StandingHouse) -> None:
    given = event(home)
    assert given["job"] == "standing"
    assert StandingEvents(home.run)(given) == NOTHING
    home.at(FIRST)
    assert StandingEvents(home.run)(given)["ordered"] == 1
    assert StandingEvents(home.run)(given) == NOTHING
    assert len(home.made) == 1


@pytest.mark.parametrize("changed", [{"id": None}, {"tenant": 5}, {"id": ""}, {"tenant": ""}])
def test_an_event_that_names_no_standing_order_is_a_dead_letter(home: StandingHouse, changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no tenant or no id"):
        StandingEvents(home.run)(event(home) | changed)


def test_an_event_of_one_that_nobody_knows_comes_to_nothing(home: StandingHouse) -> None:
    assert StandingEvents(home.run)({"tenant": "acme", "id": "A" * 26}) == NOTHING


@pytest.mark.parametrize("text", ["2026-12-01T08:00:00Z", "2026-12-01T09:00:00+01:00"])
def test_the_time_of_an_event(text: str) -> None:
    assert scheduled_time(text) == instant(FIRST)


@pytest.mark.parametrize("text", [None, "", "<aws.scheduler.scheduled-time>", "2026-12-01T08:00:00", 5])
def test_what_is_no_time_of_an_event(text: Any) -> None:
    assert scheduled_time(text) is None
