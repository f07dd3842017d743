"""The foreign Walleo keeps the document and its own books, with accidents and without."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.stack_support.foreign_accidents import Accidents
from tests.stack_support.foreign_walleo import IDENTIFIER, KEY, SHARED_KEY, ForeignWalleo, serving
from tests.stack_support.waiting import wait_for

PATH = "/partners/v1/pull_requests"


@pytest.fixture
def walleo() -> Iterator[ForeignWalleo]:
    with serving() as supplier:
        yield supplier


def signed(method: str, url: str, payload: str, shared_key: str = SHARED_KEY) -> dict[str, str]:
    now = int(time.time())
    token = f"{method}+{url}+{payload}+{IDENTIFIER}+{now}"
    signature = hmac.new(bytes.fromhex(shared_key), token.encode(), hashlib.sha256).hexdigest()
    return {"Authorization": f"Bearer {KEY}, Id={IDENTIFIER}, Signature={signature}, Timestamp={now}"}


def post(walleo: ForeignWalleo, request_id: str, amount: Any = 50, code: str = "IKEA") -> requests.Response:
    body = {"pull_request": {"amount": amount, "gift_card_code": code, "request_id": request_id}}
    text = json.dumps(body, separators=(",", ":"), sort_keys=True)
    headers = signed("POST", walleo.url + PATH, text)
    return requests.post(walleo.url + PATH, headers=headers, data=text, timeout=5)


def show(walleo: ForeignWalleo, request_id: str) -> requests.Response:
    url = f"{walleo.url}{PATH}/{request_id}"
    return requests.get(url, headers=signed("GET", url, ""), timeout=5)


def ended(walleo: ForeignWalleo, request_id: str) -> dict[str, Any]:
    def is_over() -> dict[str, Any] | None:
        pull: dict[str, Any] = show(walleo, request_id).json()["pull_request"]
        return pull if pull["status"] in ("success", "error") else None

    return wait_for(is_over, 5, f"the end of {request_id}")


def test_a_pull_request_waits_and_then_brings_its_card(walleo: ForeignWalleo) -> None:
    created = post(walleo, "one")
    pull = ended(walleo, "one")

    assert created.status_code == 200
    assert created.json()["pull_request"].items() >= {"status": "waiting", "amount_cents": 5000, "card": None}.items()
    assert pull["card"].items() >= {"gift_card_code": "IKEA", "amount": 50}.items()
    assert walleo.sold_to("one") == Counter([("IKEA", pull["card"]["code"], pull["card"]["pin_code"], "50.00")])


def test_a_request_id_is_used_once(walleo: ForeignWalleo) -> None:
    post(walleo, "one")
    again = post(walleo, "one", amount=60)

    assert (again.status_code, again.json()["errors"]) == (
        422,
        [{"code": "unprocessable_entity", "message": "Request id is already used"}],
    )
    assert (walleo.posts["one"], walleo.refused_twice, len(walleo.pulls)) == (2, 1, 1)


@pytest.mark.parametrize(
    ("code", "amount", "status", "said"),
    [
        ("NOBODY", 50, 404, "gift_card_not_found"),
        ("IKEA", 55, 422, "invalid_amount"),
        ("IKEA", 510, 422, "invalid_amount"),
        ("IKEA-FR", "50", 422, "invalid_amount"),
        ("FNAC", 50, 422, "invalid_amount"),
        ("FNAC", 100, 422, "not_enough_funds"),
        ("IKEA-FR", 50, 422, "out_of_stock"),
    ],
)
def test_what_cannot_be_sold_is_refused_in_the_document_s_words(code: str, amount: Any, status: int, said: str) -> None:
    with serving(balance=99, sold_out={"IKEA-FR"}) as walleo:
        answer = post(walleo, "one", amount, code)

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (status, said)
    assert walleo.pulls == {}


def test_the_signature_is_that_of_the_whole_address_and_the_body(walleo: ForeignWalleo) -> None:
    url, body = f"{walleo.url}{PATH}/one", '{"pull_request":{"request_id":"one"}}'
    wrong = [
        requests.get(url, headers=signed("GET", f"{PATH}/one", ""), timeout=5),
        requests.get(url, headers=signed("GET", url, "", shared_key="00" * 16), timeout=5),
        requests.get(url, headers=signed("GET", url, "{}"), timeout=5),
        requests.post(walleo.url + PATH, headers=signed("POST", walleo.url + PATH, "{}"), data=body, timeout=5),
    ]

    assert [answer.json()["errors"][0]["code"] for answer in wrong] == ["invalid_signature"] * 4
    assert requests.get(url, timeout=5).json()["errors"][0]["code"] == "unauthorized"
    assert walleo.refused_signatures == 5


def test_an_unknown_request_is_called_by_either_documented_code(walleo: ForeignWalleo) -> None:
    answers = [show(walleo, "none") for _ in range(2)]

    assert {answer.status_code for answer in answers} == {404}
    codes = {answer.json()["errors"][0]["code"] for answer in answers}
    assert codes == {"card_not_found", "pull_request_not_found"}


def test_it_never_sells_twice_whatever_happens_to_the_answers() -> None:
    """A client that asks again until it knows: each reference is sold once, and every accident happens."""
    accidents = Accidents(seed=5, share=0.25, lag=0.01)

    def buy(number: int) -> str:
        request_id = f"r-{number}"
        wait_for(lambda: settled(supplier, request_id), 10, request_id)
        return request_id

    with serving(accidents) as supplier, ThreadPoolExecutor(8) as clients:
        bought = list(clients.map(buy, range(300)))

    assert sorted(supplier.pulls) == sorted(bought)
    numbers = supplier.numbers()
    assert len(numbers) == len(set(numbers)) == 300 - supplier.dead
    assert 10_000_000 - supplier.balance == 50 * len(numbers)
    assert supplier.refused_twice > 0
    assert 3 <= supplier.dead <= 20
    assert len(accidents.happened) == 12, "ten of the wire, two of the books"


def settled(walleo: ForeignWalleo, request_id: str) -> str | None:
    try:
        answer = post(walleo, request_id)
        return request_id if answer.status_code in (200, 422) and answer.json() else None
    except (requests.RequestException, ValueError):
        return None
