"""Who may speak to the supplier: key, identifier, signature and time."""

from typing import Any

import pytest

from sandbox.walleo import signatures
from sandbox.walleo.signatures import Authorization, Sent

UNAUTHORIZED = {"errors": [{"code": "unauthorized", "message": "Not authorized"}], "status": "unauthorized"}
INVALID_SIGNATURE = {
    "errors": [{"code": "invalid_signature", "message": "Your request does not match your signature"}],
    "status": "unauthorized",
}
SHARED_KEY = "6F2CE47010CF4F79B9767042BAFB1EB4"
IDENTIFIER = "b5245bbc-8ee7-4e55-92e0-b97e81085154"


def token(body: bytes) -> str:
    sent = Sent("POST", "http://www.example.com/partners/v1/cards", body, "")
    return signatures.build_token(sent, Authorization("", IDENTIFIER, "", "1648559273"))


def test_the_vector_of_the_document_holds() -> None:
    built = token(b'{"card": {"gift_card_code": "E-ca", "amount": 50}}')
    assert built == (
        'POST+http://www.example.com/partners/v1/cards+{"card":{"amount":50,"gift_card_code":"E-ca"}}'
        "+b5245bbc-8ee7-4e55-92e0-b97e81085154+1648559273"
    )
    expected = "434f3dd367edbe5c82a68f5b5a771a50d602c2868e10a4b132ae807df6982867"
    assert signatures.sign(built, SHARED_KEY) == expected


def test_keys_are_sorted_at_every_level_and_characters_stay_themselves() -> None:
    built = token('{"b": [{"z": 1, "a": "\\u00e9"}], "a": "ü"}'.encode())
    assert '+{"a":"ü","b":[{"a":"é","z":1}]}+' in built


def test_a_get_is_signed_with_an_empty_payload(partner: Any) -> None:
    header = partner.header("GET", "/balance")
    assert partner.client.get("/partners/v1/balance", headers={"Authorization": header}).status_code == 200


def test_the_url_is_signed_as_it_was_sent_with_its_query(partner: Any) -> None:
    assert partner.get("/balance?b=%7e&a=1").status_code == 200
    header = partner.header("GET", "/balance?a=1")
    answer = partner.client.get("/partners/v1/balance?a=2", headers={"Authorization": header})
    assert answer.get_json() == INVALID_SIGNATURE


def test_a_request_id_outside_ascii_is_signed_as_itself(partner: Any) -> None:
    assert partner.pull("réf-1").get_json()["pull_request"]["request_id"] == "réf-1"


@pytest.mark.parametrize("changed", [{"key": "wrong"}, {"identifier": "wrong"}, {"key": ""}, {"key": "clé"}])
def test_a_wrong_key_or_id_is_not_authorized(partner: Any, changed: dict[str, str]) -> None:
    answer = partner.get("/balance", **changed)
    assert (answer.status_code, answer.get_json()) == (401, UNAUTHORIZED)
    assert partner.breaches() == ["wrong_key"]


@pytest.mark.parametrize("header", ["", "Basic x", "Bearer", "Bearer test-key", "Bearer test-key, Id"])
def test_a_header_that_names_nobody_is_not_authorized(partner: Any, header: str) -> None:
    answer = partner.client.get("/partners/v1/balance", headers={"Authorization": header})
    assert (answer.status_code, answer.get_json()) == (401, UNAUTHORIZED)


@pytest.mark.parametrize("signature", ["", "0" * 64, "nonsense"])
def test_a_wrong_signature_is_refused_and_nothing_is_sold(partner: Any, signature: str) -> None:
    part = {"amount": 50, "gift_card_code": "IKEA", "request_id": "r1"}
    answer = partner.post("/pull_requests", {"pull_request": part}, signature=signature)
    assert (answer.status_code, answer.get_json()) == (401, INVALID_SIGNATURE)
    assert (partner.report()["pull_requests"], partner.breaches()) == (0, ["invalid_signature"])


def test_a_body_that_was_changed_after_signing_is_refused(partner: Any) -> None:
    header = partner.header("POST", "/cards", '{"card":{"amount":20}}')
    headers = {"Authorization": header, "X-RequestId": "s1"}
    answer = partner.client.post("/partners/v1/cards", json={"card": {"amount": 500}}, headers=headers)
    assert answer.get_json() == INVALID_SIGNATURE


@pytest.mark.parametrize(("off", "status"), [(-301, 401), (-300, 200), (300, 200), (301, 401)])
def test_a_timestamp_may_be_five_minutes_off(partner: Any, off: int, status: int) -> None:
    answer = partner.get("/balance", timestamp=str(int(partner.clock.time) + off))
    assert answer.status_code == status
    assert partner.breaches() == (["stale_timestamp"] if status == 401 else [])
    assert status == 200 or answer.get_json() == INVALID_SIGNATURE


@pytest.mark.parametrize("timestamp", ["", "now", "1e9", "٣", "-1", "9" * 20])
def test_a_timestamp_that_is_no_number_is_refused(partner: Any, timestamp: str) -> None:
    assert partner.get("/balance", timestamp=timestamp).get_json() == INVALID_SIGNATURE


def test_a_signature_sent_twice_is_no_breach(partner: Any) -> None:
    partner.get("/balance")
    assert (partner.get("/balance").status_code, partner.breaches()) == (200, [])


@pytest.mark.parametrize("raw", [b"{", b"[]", b'{"a": NaN}', b'{"a": "\\ud800"}', b"\xff", b"[" * 100_000])
def test_what_is_no_json_object_is_a_bad_request(partner: Any, raw: bytes) -> None:
    headers = {"Authorization": partner.header("POST", "/pull_requests")}
    answer = partner.client.post("/partners/v1/pull_requests", data=raw, headers=headers)
    body = answer.get_json()
    assert (answer.status_code, body["status"], body["errors"][0]["code"]) == (400, "bad_request", "bad_request")


def test_a_body_without_its_object_is_a_bad_request(partner: Any) -> None:
    assert partner.post("/pull_requests", {"amount": 50}).status_code == 400
    assert partner.post("/cards", {"card": []}).status_code == 400
    assert partner.breaches() == ["invalid_request"] * 2
