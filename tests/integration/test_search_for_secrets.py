"""After all orders: no card number and no PIN anywhere but in the vault, the exports and the cards calls."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from tests.stack_support.orders import SharedOrders
from tests.stack_support.places import histories, items, log_messages, objects, queued_messages, raw
from tests.stack_support.secrets import found_in, found_in_files
from tests.stack_support.stack import Stack

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
