"""Accidents depend on the seed and on the request, not on the order in which requests come."""

from typing import Any

from sandbox.connections import ConnectionDropped
from sandbox.faults import ANYWHERE, PROFILES, Fault, draw

REFNOS = [f"r{n}" for n in range(60)]


def outcome(shop: Any, refno: str) -> object:
    try:
        answer = shop.order(refno)
    except ConnectionDropped as dropped:
        return str(dropped)
    return answer.status_code, answer.mimetype, len(answer.get_data())


def test_the_same_requests_have_the_same_accidents_in_any_order(open_shop: Any) -> None:
    there, back = open_shop("a", faults="rough", seed=3), open_shop("b", faults="rough", seed=3)
    forwards = {refno: outcome(there, refno) for refno in REFNOS}
    backwards = {refno: outcome(back, refno) for refno in reversed(REFNOS)}
    assert forwards == backwards
    assert there.report()["faults"] == back.report()["faults"] != {}


def test_another_seed_has_other_accidents(open_shop: Any) -> None:
    one, two = open_shop("a", faults="rough", seed=1), open_shop("b", faults="rough", seed=2)
    assert [outcome(one, refno) for refno in REFNOS] != [outcome(two, refno) for refno in REFNOS]


def test_a_repeated_request_is_drawn_again() -> None:
    faults = {draw("rough", 1, "POST order r1", turn, ANYWHERE) for turn in range(300)}
    assert faults == {None, *ANYWHERE}


def test_without_faults_nothing_is_drawn(shop: Any) -> None:
    assert {shop.order(refno).status_code for refno in REFNOS} == {202}
    assert shop.report()["faults"] == {}


def test_the_ledger_knows_what_an_accident_left_behind(open_shop: Any) -> None:
    shop = open_shop(faults="rough", seed=5)
    for refno in REFNOS:
        outcome(shop, refno)
    sold = sum("orderId" in shop.about(refno) for refno in REFNOS)
    report = shop.report()
    assert (report["orders"], report["cards_sold"], report["money"]) == (sold, sold, {"AUD": sold * 5_00})
    assert 0 < sold < len(REFNOS)


def test_the_lookup_lag_hides_an_order_for_a_minute(open_shop: Any, monkeypatch: Any) -> None:
    monkeypatch.setitem(PROFILES, "rough", {Fault.LOOKUP_LAG: 0.5})
    shop = open_shop(faults="rough", seed=1)
    for refno in REFNOS:
        shop.order(refno)
    at_once = [shop.status(refno).status_code for refno in REFNOS]
    assert set(at_once) == {200, 404}
    assert shop.report()["faults"] == {"lookup_lag": at_once.count(404)}
    shop.wait(1)
    assert {shop.status(refno).status_code for refno in REFNOS} == {200}
