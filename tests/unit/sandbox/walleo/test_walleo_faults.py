"""Accidents depend on the seed and on the request, not on the order in which requests come."""

from typing import Any

from sandbox.connections import ConnectionDropped
from sandbox.faults import PROFILES, Fault

NAMES = [f"r{n}" for n in range(60)]


def outcome(partner: Any, name: str) -> object:
    try:
        answer = partner.pull(name)
    except ConnectionDropped as dropped:
        return str(dropped)
    return answer.status_code, answer.mimetype, len(answer.get_data())


def test_the_same_requests_have_the_same_accidents_in_any_order(open_partner: Any) -> None:
    there, back = open_partner("a", faults="rough", seed=3), open_partner("b", faults="rough", seed=3)
    forwards = {name: outcome(there, name) for name in NAMES}
    backwards = {name: outcome(back, name) for name in reversed(NAMES)}
    assert forwards == backwards
    assert there.report()["faults"] == back.report()["faults"] != {}


def test_another_seed_has_other_accidents(open_partner: Any) -> None:
    one, two = open_partner("a", faults="rough", seed=1), open_partner("b", faults="rough", seed=2)
    assert [outcome(one, name) for name in NAMES] != [outcome(two, name) for name in NAMES]


def test_without_faults_nothing_is_drawn(partner: Any) -> None:
    assert {partner.pull(name).status_code for name in NAMES} == {200}
    assert partner.report()["faults"] == {}


def test_the_ledger_knows_what_an_accident_left_behind(open_partner: Any) -> None:
    partner = open_partner(faults="rough", seed=5)
    for name in NAMES:
        outcome(partner, name)
    sold = sum("id" in partner.about(name) for name in NAMES)
    report = partner.report()
    assert (report["pull_requests"], report["cards_sold"], report["money"]) == (sold, sold, {"EUR": sold * 50_00})
    assert 0 < sold < len(NAMES)
    assert len(partner.admin("cards")["cards"]) == sold


def test_a_stale_status_is_the_one_before(open_partner: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(PROFILES, "rough", {Fault.STALE_STATUS: 1.0})
    partner = open_partner(faults="rough")
    partner.pull()
    seen = []
    for seconds in (2, 5):
        partner.wait(seconds)
        body = partner.show().get_json()["pull_request"]
        seen.append((body["status"], body["card"]))
    assert seen == [("waiting", None), ("processing", None)]


def test_an_answer_is_dropped_cut_or_replaced(open_partner: Any, monkeypatch: Any) -> None:
    partner = open_partner(faults="rough")
    seen = {}
    for fault in (Fault.DROP_AFTER, Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.HTML, Fault.TRUNCATED, Fault.SLOW):
        monkeypatch.setitem(PROFILES, "rough", {fault: 1.0})
        seen[fault] = outcome(partner, fault)
    committed = {fault: "id" in partner.about(fault) for fault in seen}
    assert committed == {fault: fault is not Fault.ERROR_BEFORE for fault in seen}
    assert seen[Fault.DROP_AFTER] == "drop_after"
    assert seen[Fault.HTML][:2] == (200, "text/html")  # type: ignore[index]
    assert seen[Fault.TRUNCATED][2] < seen[Fault.SLOW][2]  # type: ignore[index]
    assert partner.clock.slept == [0.2]


def test_the_lookup_lag_hides_a_pull_request_for_a_minute(open_partner: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(PROFILES, "rough", {Fault.LOOKUP_LAG: 0.5})
    partner = open_partner(faults="rough", seed=1)
    for name in NAMES:
        partner.pull(name)
    at_once = [partner.show(name) for name in NAMES]
    hidden = [answer for answer in at_once if answer.status_code == 404]
    assert {answer.status_code for answer in at_once} == {200, 404}
    assert partner.report()["faults"] == {"lookup_lag": len(hidden)}
    codes = {answer.get_json()["errors"][0]["code"] for answer in hidden}
    assert codes == {"card_not_found", "pull_request_not_found"}
    partner.wait(60)
    assert {partner.show(name).status_code for name in NAMES} == {200}
