"""GETs that come too soon are counted, never refused; requests above the rate are."""

from typing import Any

import pytest

from sandbox.connections import ConnectionDropped
from sandbox.faults import PROFILES, Fault


def kinds(partner: Any) -> list[str]:
    return [get["kind"] for get in partner.about()["gets"]]


def test_gets_at_the_documented_intervals_are_in_time(partner: Any) -> None:
    partner.pull(code="WALLEO-TEST-STUCK")
    for seconds in (2, 5, 5):
        partner.wait(seconds)
        partner.show()
    report = partner.report()
    assert (report["gets"], report["gets_under_interval"], report["breaches"]) == (3, 0, [])


def test_gets_too_soon_are_counted_and_answered(partner: Any) -> None:
    partner.pull(code="WALLEO-TEST-STUCK")
    for seconds in (1.9, 5, 4.9, 5):
        partner.wait(seconds)
        assert partner.show().status_code == 200
    assert kinds(partner) == ["under_interval", "in_time", "under_interval", "in_time"]
    assert (partner.report()["gets_under_interval"], partner.breaches()) == (2, ["get_under_interval"] * 2)


def test_the_intervals_are_scaled(open_partner: Any) -> None:
    partner = open_partner(time_scale=0.1)
    partner.pull(code="WALLEO-TEST-STUCK")
    for seconds in (0.2, 0.5, 0.3):
        partner.wait(seconds)
        partner.show()
    assert kinds(partner) == ["in_time", "in_time", "under_interval"]


def test_a_client_whose_answer_was_lost_may_look_at_any_time_until_it_finds(partner: Any) -> None:
    with pytest.raises(ConnectionDropped):
        partner.pull(code="WALLEO-TEST-TIMEOUT-THEN-SUCCESS")
    partner.show()
    partner.wait(1)
    partner.show()
    assert kinds(partner) == ["lookup", "under_interval"]


def test_a_get_whose_answer_was_lost_does_not_move_the_next_one(open_partner: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(PROFILES, "rough", {})
    partner = open_partner(faults="rough")
    partner.pull(code="WALLEO-TEST-STUCK")
    partner.wait(2)
    monkeypatch.setitem(PROFILES, "rough", {Fault.UNAVAILABLE: 1.0})
    assert [partner.show().status_code for _ in range(2)] == [503, 503]
    monkeypatch.setitem(PROFILES, "rough", {})
    partner.show()
    assert kinds(partner) == ["in_time"] * 3


def test_the_interval_counts_from_a_slow_answer_and_until_then_nobody_is_blamed(
    open_partner: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(PROFILES, "rough", {Fault.SLOW: 1.0})
    partner = open_partner(faults="rough", slow_seconds=3.0)
    partner.pull(code="WALLEO-TEST-STUCK")
    for seconds in (2, 2):
        partner.wait(seconds)
        partner.show()
    assert kinds(partner) == ["lookup", "lookup"]
    partner.wait(7.9)
    partner.show()
    assert kinds(partner)[-1] == "under_interval"


def test_a_get_of_what_does_not_exist_is_a_lookup(partner: Any) -> None:
    partner.show("nobody")
    partner.show("nobody")
    assert (partner.report()["lookups"], partner.breaches()) == (2, [])


def test_requests_above_the_rate_are_turned_away_and_nothing_is_done(open_partner: Any) -> None:
    partner = open_partner(walleo_rate=3)
    answers = [partner.pull(f"r{n}") for n in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert (answers[3].headers["Retry-After"], answers[3].get_json()) == (
        "1",
        {"errors": [{"code": "too_many_requests", "message": "Too many requests"}], "status": "too_many_requests"},
    )
    partner.wait(1)
    assert partner.pull("r4").status_code == 200
    report = partner.report()
    assert (report["pull_requests"], report["rate_limited"], report["most_requests_per_second"]) == (4, 2, 5)


def test_the_most_requests_within_any_second_are_remembered(open_partner: Any) -> None:
    partner = open_partner()
    for seconds in (0.5, 0.3, 0.3, 0.3, 5):
        partner.get("/balance")
        partner.wait(seconds)
    partner.get("/balance")
    assert partner.report()["most_requests_per_second"] == 4
    assert open_partner().report()["most_requests_per_second"] == 4
