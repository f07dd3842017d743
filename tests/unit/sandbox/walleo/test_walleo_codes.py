"""Each test code always does its one thing."""

from typing import Any

import pytest

from sandbox.connections import ConnectionDropped
from sandbox.walleo.catalogue import Behaviour

TEST = "WALLEO-TEST-"


def words(partner: Any, code: str, *waits: float) -> list[str]:
    partner.pull(code=TEST + code)
    seen = []
    for seconds in waits:
        partner.wait(seconds)
        seen.append(partner.word())
    return seen


def test_an_ordinary_code_is_done_at_the_second_documented_get(partner: Any) -> None:
    partner.pull()
    seen = [partner.word()]
    for seconds in (2, 5):
        partner.wait(seconds)
        seen.append(partner.word())
    assert seen == ["waiting", "processing", "success"]


def test_stuck_never_ends_and_keeps_the_money(partner: Any) -> None:
    assert words(partner, "STUCK", 2, 100_000) == ["processing"] * 2
    assert (partner.report()["money"], partner.report()["cards_sold"]) == ({"EUR": 50_00}, 1)


def test_error_always_ends_in_error_and_gives_the_money_back(partner: Any) -> None:
    partner.pull(code=f"{TEST}ERROR")
    assert (partner.report()["money"], partner.report()["cards_sold"]) == ({"EUR": 50_00}, 1)
    partner.wait(7)
    assert (partner.word(), partner.card()) == ("error", None)
    assert (partner.report()["money"], partner.report()["cards_sold"]) == ({"EUR": 0}, 0)
    assert partner.admin("cards") == {"cards": []}


def test_error_once_ends_in_error_for_about_half_and_always_for_the_same(open_partner: Any) -> None:
    def endings(partner: Any) -> list[str]:
        names = [f"r{n}" for n in range(40)]
        for name in names:
            partner.pull(name, code=f"{TEST}ERROR-ONCE")
        partner.wait(7)
        return [partner.word(name) for name in names]

    first = endings(open_partner("a"))
    assert endings(open_partner("b")) == first
    assert 10 <= first.count("error") == 40 - first.count("success") <= 30


def test_timeout_then_success_drops_the_answer_and_keeps_the_pull_request(partner: Any) -> None:
    with pytest.raises(ConnectionDropped):
        partner.pull(code=f"{TEST}TIMEOUT-THEN-SUCCESS")
    again = partner.pull(code=f"{TEST}TIMEOUT-THEN-SUCCESS")
    assert again.get_json()["errors"][0]["message"] == "Request id is already used"
    partner.wait(4)
    body = partner.show().get_json()["pull_request"]
    assert (body["status"], body["card"]["amount"], partner.breaches()) == ("success", 50, [])


def test_error_after_commit_keeps_the_pull_request(partner: Any) -> None:
    answer = partner.pull(code=f"{TEST}ERROR-AFTER-COMMIT")
    assert (answer.status_code, answer.get_json()["status"]) == (500, "internal_server_error")
    assert (partner.show().status_code, partner.report()["cards_sold"]) == (200, 1)


@pytest.mark.parametrize(
    ("code", "status", "word"),
    [("UNAVAILABLE", 503, "service_unavailable"), ("TOO-MANY-REQUESTS", 429, "too_many_requests")],
)
def test_what_is_turned_away_is_not_sold(partner: Any, code: str, status: int, word: str) -> None:
    answers = [partner.pull(code=TEST + code), partner.pull(code=TEST + code)]
    assert [(answer.status_code, answer.get_json()["status"]) for answer in answers] == [(status, word)] * 2
    assert answers[0].headers.get("Retry-After") == ("1" if status == 429 else None)
    assert (partner.report()["pull_requests"], partner.show().status_code) == (0, 404)


def test_unknown_status_shows_at_documented_intervals_and_ends(partner: Any) -> None:
    assert words(partner, "UNKNOWN-STATUS", 2, 5, 5, 5) == ["waiting", "vendor_hold", "vendor_hold", "success"]


def test_wrong_amount_is_in_the_card(partner: Any) -> None:
    assert words(partner, "WRONG-AMOUNT", 7) == ["success"]
    assert (partner.card()["amount"], partner.report()["money"]) == (51, {"EUR": 50_00})


def test_no_pin_has_none(partner: Any) -> None:
    assert words(partner, "NO-PIN", 7) == ["success"]
    assert (partner.card()["pin_code"], partner.get(f"/gift_cards/{TEST}NO-PIN").get_json()["code_pin"]) == (
        None,
        False,
    )


def test_slow_takes_a_minute(partner: Any) -> None:
    assert words(partner, "SLOW", 2, 40, 18) == ["waiting", "processing", "success"]


def test_every_test_code_is_in_the_readme(readme: str) -> None:
    assert [code for one in Behaviour if (code := f"`{TEST}{one}`") not in readme] == []
