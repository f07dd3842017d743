"""The synchronous call: the same X-RequestId is answered as it was the first time."""

from typing import Any

import pytest

from sandbox.connections import ConnectionDropped


def test_a_card_is_answered_at_once_and_only_sold_once(partner: Any) -> None:
    first, again = partner.pull_at_once(), partner.pull_at_once(amount=100)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.get_json() == first.get_json()
    assert list(first.get_json()["card"]) == [
        *("id", "code", "expire_at", "pin_code", "amount", "gift_card_code", "pdf_url")
    ]
    report = partner.report()
    assert (report["posts"], report["cards_sold"], report["money"], report["breaches"]) == (2, 1, {"EUR": 50_00}, [])


def test_a_card_can_be_shown_by_its_id_and_its_request_id(partner: Any) -> None:
    card = partner.pull_at_once().get_json()["card"]
    assert partner.get(f"/cards/{card['id']}").get_json() == {"card": card}
    assert partner.card("s1") == card


def test_a_card_that_is_not_pulled_yet_is_not_found(partner: Any) -> None:
    partner.pull()
    card_id = partner.admin("cards")["cards"][0]["id"]
    body = {
        "errors": [{"code": "card_not_found", "message": f"Card not found with id '{card_id}'"}],
        "status": "not_found",
    }
    answer = partner.get(f"/cards/{card_id}")
    assert (answer.status_code, answer.get_json()) == (404, body)
    partner.wait(4)
    assert partner.get(f"/cards/{card_id}").status_code == 200


def test_without_an_id_each_call_is_a_new_one(partner: Any) -> None:
    body = {"card": {"amount": 50, "gift_card_code": "IKEA"}}
    cards = [partner.post("/cards", body).get_json()["card"]["code"] for _ in range(2)]
    assert len(set(cards)) == 2


def test_a_lost_answer_is_had_by_asking_again(partner: Any) -> None:
    with pytest.raises(ConnectionDropped):
        partner.pull_at_once(code="WALLEO-TEST-TIMEOUT-THEN-SUCCESS")
    assert partner.pull_at_once(code="WALLEO-TEST-TIMEOUT-THEN-SUCCESS").get_json()["card"]["amount"] == 50
    assert (partner.report()["cards_sold"], partner.breaches()) == (1, [])


def test_a_refusal_is_replayed_too(partner: Any) -> None:
    refused = partner.pull_at_once(amount=25)
    again = partner.pull_at_once()
    assert (again.status_code, again.get_json()) == (refused.status_code, refused.get_json())
    assert (again.status_code, again.get_json()["errors"][0]["code"]) == (422, "invalid_amount")


def test_a_slow_card_is_answered_by_come_back_later_until_it_is_there(partner: Any) -> None:
    first = partner.pull_at_once(code="WALLEO-TEST-SLOW")
    assert (first.status_code, first.get_json()["errors"][0]["message"]) == (202, "come back later")
    partner.wait(60)
    assert partner.pull_at_once(code="WALLEO-TEST-SLOW").status_code == 200


def test_a_card_that_cannot_be_pulled_is_an_error_for_good(partner: Any) -> None:
    answers = [partner.pull_at_once(code="WALLEO-TEST-ERROR") for _ in range(2)]
    assert [answer.get_json()["errors"][0]["message"] for answer in answers] == ["The card could not be pulled"] * 2
    assert partner.report()["money"] == {"EUR": 0}


def test_the_two_calls_share_their_request_ids(partner: Any) -> None:
    partner.pull_at_once("same")
    assert partner.pull("same").status_code == 422


def test_an_empty_request_id_is_refused(partner: Any) -> None:
    assert partner.pull_at_once(" ").status_code == 422
