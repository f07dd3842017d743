"""After all other tests: no card number and no PIN anywhere but in the vault, the exports and the cards calls;
and nothing that opens a pass or signs a webhook anywhere at all.
"""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
import requests

from tests.stack_support.hooks import backend
from tests.stack_support.orders import SharedOrders
from tests.stack_support.pass_secrets import PassSecrets, inflated, pass_secrets
from tests.stack_support.places import histories, items, log_messages, objects, queued_messages, raw
from tests.stack_support.secrets import found_in, found_in_files
from tests.stack_support.stack import Stack
from tests.stack_support.wallet import WalletDoor, batch_of, identified, people
from tests.stack_support.webhooks import WebhooksDoor

pytestmark = pytest.mark.stack

EXPORTS = ("cards.csv", "cards.jsonl")


@pytest.fixture(scope="module")
def numbers(stack: Stack, orders: SharedOrders) -> frozenset[bytes]:
    """Of every card that the supplier sold to the orders of this stack."""
    at_wpay = (stack.supplier.numbers(order.id) for order in orders.all.values())
    return frozenset[bytes]().union(stack.supplier.walleo_numbers(), *at_wpay)


def test_the_search_finds_what_an_export_holds_in_every_dress(
    stack: Stack, orders: SharedOrders, numbers: frozenset[bytes]
) -> None:
    export = (stack.result(f"results/demo/{orders['three'].id}/cards.jsonl") or "").encode()
    dressed = {
        "raw": [export],
        "base64": [base64.b64encode(b"x" * shift + export) for shift in range(3)],
        "hex": [export.hex().encode(), export.hex().upper().encode()],
        "URL-encoded": [quote(export).encode(), b"".join(b"%%%02X" % byte for byte in export)],
        "JSON in JSON": [json.dumps({"body": export.decode()}).encode()],
    }

    for dress, texts in dressed.items():
        for text in texts:
            found = [what for what in found_in(text, numbers) if "PIN" not in what]
            assert len(found) >= 3, f"{dress}: {found}"
    assert [what for what in found_in(export, numbers) if "PIN" in what]
    assert [what for what in found_in(dressed["JSON in JSON"][0], numbers) if "PIN" in what]


def test_no_log_holds_a_card(stack: Stack, numbers: frozenset[bytes]) -> None:
    messages = "\n".join(log_messages(stack)).encode()

    assert b"REPORT RequestId" in messages
    assert found_in(messages, numbers) == []


def test_no_history_of_an_execution_holds_a_card(stack: Stack, numbers: frozenset[bytes]) -> None:
    events = "\n".join(histories(stack)).encode()

    assert b"TaskSucceeded" in events
    assert found_in(events, numbers) == []


def test_no_queue_holds_a_card(stack: Stack, numbers: frozenset[bytes]) -> None:
    assert found_in("\n".join(queued_messages(stack)).encode(), numbers) == []


def test_no_table_holds_a_card_that_is_not_sealed(stack: Stack, numbers: frozenset[bytes]) -> None:
    text = b"\n\n".join(raw(item) for item in items(stack))

    assert b"PAGE#" in text
    assert found_in(text, numbers) == []


def test_no_object_but_the_exports_holds_a_card(stack: Stack, numbers: frozenset[bytes]) -> None:
    searched = [key for key, content in objects(stack) if not key.endswith(EXPORTS)]
    found = {
        key: what
        for key, content in objects(stack)
        if not key.endswith(EXPORTS) and key.startswith(("orders/", "requests/", "rejected/", "results/"))
        if (what := found_in(content, numbers))
    }

    assert any(key.endswith("summary.json") for key in searched)
    assert found == {}


def test_no_file_of_the_stack_but_the_exports_holds_a_card(stack: Stack, numbers: frozenset[bytes]) -> None:
    state = stack.settings.state
    may = [state / "emulator" / "s3", state / "sandbox", state / "build", state / "emulator" / "tmp"]

    assert (state / "logs" / "emulator.log").stat().st_size > 0
    assert found_in_files(state, numbers, but=may) == []


@pytest.fixture(scope="module")
def opened_pass(wallet: WalletDoor, hooked: WalletDoor) -> str:
    """A pass that went every way: made, told of, opened in each form, renewed; its link. So the search has its own."""
    users = people("searched", 1)
    wallet.finished("signups", batch_of(wallet.signups(users)))
    with backend() as receiver:
        batch_id = batch_of(
            wallet.with_hook(f"{receiver.url}/hook").storecards(identified(users, qr_code="SEARCHED-1"))
        )
        WebhooksDoor(wallet).settled(batch_id)
    (one,) = wallet.finished("storecards", batch_id)["passes"]
    for form in ("", "/pass.png", "/pass.pkpass", "/google"):
        assert requests.get(one["download_link"] + form, timeout=60, allow_redirects=False).ok
    renewed = wallet.call("POST", f"v1/passes/{one['walletapp_code']}/link").json()["data"]
    link: str = renewed["download_link"]
    return link


@pytest.fixture(scope="module")
def secrets(stack: Stack, wallet: WalletDoor, hooked: WalletDoor, opened_pass: str) -> PassSecrets:
    return pass_secrets(stack, [one for door in (wallet, hooked) for one in WebhooksDoor(door).secrets()])


def test_the_search_finds_what_opens_a_pass_in_every_dress(secrets: PassSecrets, opened_pass: str) -> None:
    link = opened_pass.encode()
    dressed = [b"x" * shift + link for shift in range(3)]
    dressed += [base64.b64encode(text) for text in dressed]
    dressed += [link.hex().encode(), quote(link).encode(), b"".join(b"%%%02X" % byte for byte in link)]

    assert [len(secrets.tokens_in(text)) for text in dressed] == [1] * len(dressed)
    assert secrets.personal_in(b'{"code": "SEARCHED-1", "to": "<searched-00000@example.com>."}') == [
        "SEARCHED-1",
        "searched-00000@example.com",
    ]


def test_no_log_no_queue_and_no_history_holds_what_opens_a_pass_or_whose_it_is(
    stack: Stack, secrets: PassSecrets
) -> None:
    places = {
        "logs": "\n".join(log_messages(stack)).encode(),
        "histories": "\n".join(histories(stack)).encode(),
        "queues": "\n".join(queued_messages(stack)).encode(),
    }

    assert b"evt_" in places["histories"]
    assert {name: found for name, text in places.items() if (found := secrets.tokens_in(text))} == {}
    assert {name: found for name, text in places.items() if (found := secrets.personal_in(text))} == {}


def test_no_table_and_no_object_holds_what_opens_a_pass_or_signs_a_webhook(stack: Stack, secrets: PassSecrets) -> None:
    tables = b"\n\n".join(inflated(item) for item in items(stack))
    files = {key: content for key, content in objects(stack) if key.startswith(("batches/", "orders/", "requests/"))}

    assert b"link_hash" in tables
    assert b"SEARCHED-1" in tables
    assert any(key.endswith("rows.jsonl") for key in files)
    assert secrets.tokens_in(tables) == []
    assert {key: found for key, content in files.items() if (found := secrets.tokens_in(content))} == {}


def test_no_log_file_of_the_stack_holds_what_opens_a_pass(stack: Stack, secrets: PassSecrets) -> None:
    files = list((stack.settings.state / "logs").glob("*.log"))

    assert files
    assert {file.name: found for file in files if (found := secrets.tokens_in(file.read_bytes()))} == {}
