"""The answers have the fields of the document, no more and no less, and its errors word for word."""

import re
from typing import Any

import pytest

UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
CREATED = "2025-06-15T16:06:40.000+01:00"


def error(status: str, code: str, message: str) -> dict[str, object]:
    return {"errors": [{"code": code, "message": message}], "status": status}


def refused(code: str, message: str) -> dict[str, object]:
    return error("unprocessable_entity", code, message)


def not_found(code: str, message: str) -> dict[str, object]:
    return error("not_found", code, message)


def test_a_pull_request_is_created_as_documented(partner: Any) -> None:
    answer = partner.pull("your_request_id")
    body = answer.get_json()["pull_request"]
    fields = ["id", "status", "request_id", "amount_cents", "created_at", "updated_at", "card"]
    assert (answer.status_code, list(answer.get_json()), sorted(body)) == (200, ["pull_request"], sorted(fields))
    assert re.fullmatch(UUID, body.pop("id"))
    assert body == {
        "status": "waiting",
        "request_id": "your_request_id",
        "amount_cents": 5000,
        "created_at": CREATED,
        "updated_at": CREATED,
        "card": None,
    }


def test_a_pull_request_is_shown_as_documented(partner: Any) -> None:
    created = partner.pull().get_json()["pull_request"]
    partner.wait(7)
    answer = partner.show()
    body = answer.get_json()["pull_request"]
    card = body.pop("card")
    assert answer.status_code == 200
    assert body == {
        "id": created["id"],
        "status": "success",
        "request_id": "r1",
        "created_at": CREATED,
        "updated_at": "2025-06-15T16:06:44.000+01:00",
    }
    assert list(card) == ["id", "code", "expire_at", "pin_code", "amount", "gift_card_code", "pdf_url"]
    assert re.fullmatch(UUID, card["id"])
    assert re.fullmatch(r"\d{18}", card["code"])
    assert re.fullmatch(r"\d{4}", card["pin_code"])
    assert re.fullmatch(r"https://.+\.pdf", card["pdf_url"])
    assert (card["expire_at"], card["amount"], card["gift_card_code"]) == ("2026-06-16T00:00:00.000+01:00", 50, "IKEA")


def test_an_unfinished_pull_request_has_no_card(partner: Any) -> None:
    partner.pull()
    partner.wait(2)
    assert (partner.word(), partner.card()) == ("processing", None)


@pytest.mark.parametrize(
    ("code", "amount", "status", "body"),
    [
        ("IKEA-XX", 50, 404, not_found("gift_card_not_found", "Gift card not found with code 'IKEA-XX'")),
        (None, 50, 404, not_found("gift_card_not_found", "Gift card not found with code ''")),
        (["IKEA"], 50, 404, not_found("gift_card_not_found", "Gift card not found with code '['IKEA']'")),
        (
            "WALLEO-TEST-NO-FUNDS",
            50,
            422,
            refused("not_enough_funds", "Your balance account is not high enough"),
        ),
        (
            "WALLEO-TEST-OUT-OF-STOCK",
            50,
            422,
            refused("out_of_stock", "Out of stock gift card 'WALLEO-TEST-OUT-OF-STOCK'"),
        ),
        ("FNAC", 50, 422, refused("invalid_amount", "Amount must be one of 15, 30 or 100.")),
        *(
            (
                "IKEA-FR",
                amount,
                422,
                refused("invalid_amount", "Amount must be within range from 20 to 500 with steps of 10."),
            )
            for amount in (10, 510, 55, -20, 50.0, "50", True, None, 10**400)
        ),
    ],
)
def test_what_cannot_be_sold_is_refused_as_documented(
    partner: Any, code: object, amount: object, status: int, body: dict[str, object]
) -> None:
    answer = partner.pull(code=code, amount=amount)
    assert (answer.status_code, answer.get_json()) == (status, body)
    report = partner.report()
    assert (report["pull_requests"], report["posts"], report["money"], report["breaches"]) == (0, 1, {"EUR": 0}, [])


def test_a_used_request_id_is_refused_as_documented_whatever_comes_with_it(partner: Any) -> None:
    partner.pull()
    answers = [partner.pull(), partner.pull(amount=100), partner.pull(code="NOPE")]
    used = refused("unprocessable_entity", "Request id is already used")
    assert [(answer.status_code, answer.get_json()) for answer in answers] == [(422, used)] * 3
    assert (partner.report()["duplicate_posts"], partner.report()["cards_sold"]) == (3, 1)
    assert partner.breaches() == ["request_id_reused"] * 3


def test_a_refused_pull_request_leaves_its_request_id_free(partner: Any) -> None:
    partner.pull(amount=1)
    assert partner.pull().status_code == 200


def test_what_does_not_exist_is_not_found_in_the_words_of_either_page(partner: Any) -> None:
    answers = {name: partner.show(name) for name in (f"REQ-{n}" for n in range(20))}
    assert {answer.status_code for answer in answers.values()} == {404}
    pages = {
        "card_not_found": "Card not found with id '{}'",
        "pull_request_not_found": "Pull request not found with request_id: {}",
    }
    codes = {name: answer.get_json()["errors"][0]["code"] for name, answer in answers.items()}
    assert set(codes.values()) == set(pages)
    for name, code in codes.items():
        assert answers[name].get_json() == not_found(code, pages[code].format(name))
        assert partner.show(name).get_json() == answers[name].get_json()


@pytest.mark.parametrize("request_id", [None, "", "  ", 7, "r" * 256])
def test_a_request_id_that_cannot_be_is_refused(partner: Any, request_id: object) -> None:
    answer = partner.pull(request_id)
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "unprocessable_entity")
    assert partner.breaches() == ["invalid_request"]


def test_money_is_debited_at_once_and_refused_where_it_is_short(open_partner: Any) -> None:
    partner = open_partner(walleo_opening_balance=99_00)
    assert partner.pull("r1").status_code == 200
    assert partner.get("/balance").get_json() == {"balance": {"amount_cents": 49_00, "currency": "EUR"}}
    short = partner.pull("r2")
    body = refused("not_enough_funds", "Your balance account is not high enough")
    assert (short.status_code, short.get_json()) == (422, body)
    assert (partner.report()["money"], partner.report()["balance"]) == ({"EUR": 50_00}, {"EUR": 49_00})


def test_the_catalogue_has_every_documented_field(partner: Any) -> None:
    fnac = partner.get("/gift_cards/FNAC").get_json()
    assert list(fnac) == [
        *("name", "code", "barcode_symbology", "discount", "logo_url", "logo_square_url", "online_usable"),
        *("offline_usable", "validity_period", "splittable_online", "splittable_offline", "cumulative_online"),
        *("cumulative_online_limit", "cumulative_offline", "cumulative_offline_limit", "code_pin"),
        *("how_to_use_online", "how_to_use_offline", "term_of_use", "facial_values"),
    ]
    assert fnac["facial_values"] == {"type": "fixed", "amounts": [15, 30, 100]}
    every = {one["code"]: one for one in partner.get("/gift_cards").get_json()}
    assert every["FNAC"] == fnac
    assert every["IKEA"]["facial_values"] == {"type": "free", "min_amount": 20, "max_amount": 500, "step_amount": 10}


def test_an_inventory_is_answered_as_documented(partner: Any) -> None:
    assert partner.get("/inventories/IKEA-FR").get_json() == {
        "inventories": {
            "gift_card": {"code": "IKEA-FR", "name": "Ikea France"},
            "end_to_end_api": {"enabled": True, "available_amount": "unlimited"},
            "stocks": [],
        }
    }
    sold_out = partner.get("/inventories/WALLEO-TEST-OUT-OF-STOCK").get_json()["inventories"]
    assert sold_out["end_to_end_api"] == {"enabled": False, "available_amount": 0}
    values = partner.get("/inventories/FNAC").get_json()["inventories"]["stocks"]
    assert [stock["facial_value"] for stock in values] == [15, 30, 100]


def test_an_unknown_gift_card_is_not_found(partner: Any) -> None:
    for path in ("/gift_cards/NOPE", "/inventories/NOPE"):
        answer = partner.get(path)
        body = not_found("gift_card_not_found", "Gift card not found with code 'NOPE'")
        assert (answer.status_code, answer.get_json()) == (404, body)


def test_unknown_paths_are_answered_in_the_same_envelope(partner: Any) -> None:
    body = partner.get("/nothing").get_json()
    assert (body["status"], body["errors"][0]["code"]) == ("not_found", "not_found")
