"""What all doors share: bodies read, numbers as they were written, answers that can be sent."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from typing import Any

import pytest

from giftline.delivery import exports
from giftline.doors import walleo_refusals, walletapp_answers
from giftline.doors.accounts_requests import parse_limits, parse_move
from giftline.doors.answers import error_reply
from giftline.doors.apple import push_token_of
from giftline.doors.calls import exact, read_object
from giftline.doors.reconciliation_requests import parse_top_up
from giftline.doors.retention_requests import parse_rule
from giftline.doors.reviews import parse_act
from giftline.doors.standing_requests import parse_standing
from giftline.doors.walleo_clients import parse_client
from giftline.doors.webhooks_requests import parse_range
from giftline.doors.wpay_parameters import read_refno
from giftline.doors.wpay_requests import parse_order
from giftline.errors import FieldProblem, InvalidRequest, NotFound, TooLarge
from giftline.orders.catalogue_file import read_json
from tests.fakes.house import CATALOGUE
from tests.fakes.wpay_door import FakeCall

Parse = Callable[[str], object]
OF_AMOUNTS: dict[str, Parse] = {
    "a deposit": parse_move,
    "limits": parse_limits,
    "a top-up": lambda text: parse_top_up("wpay", text, 1),
    "an order": lambda text: parse_order("acme", text, CATALOGUE),
    "a standing order": lambda text: parse_standing("acme", text, CATALOGUE),
    "a catalogue": lambda text: read_json(text, ("wpay",)),
}
OTHERS: dict[str, Parse] = {
    "a rule of retention": parse_rule,
    "an act": parse_act,
    "a range of webhooks": parse_range,
    "a Walleo client": parse_client,
    "an order to cancel": read_refno,
    "a phone": lambda text: push_token_of(FakeCall(text)),
}
ALL = OF_AMOUNTS | OTHERS


@pytest.mark.parametrize("name", OF_AMOUNTS)
@pytest.mark.parametrize("number", ["1e99999999999999999999", "-1e100000", "1e-9999999", "0e99999999999999999999"])
def test_a_number_beyond_all_decimals_is_a_wrong_request(name: str, number: str) -> None:
    for text in (f'{{"amount": {number}, "perOrder": {number}}}', f'[{{"price": {number}}}]'):
        with pytest.raises(InvalidRequest):
            OF_AMOUNTS[name](text)


def test_an_amount_stays_as_it_was_written() -> None:
    assert str(exact("5.00000000000000000000000000000000000001")) == "5.00000000000000000000000000000000000001"
    assert [str(exact(text)) for text in ("-0.10", "1e2", "0.0")] == ["-0.10", "1E+2", "0.0"]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("text", ["", "{", "[" * 3_000, '{"refno": 1, "refno": 2}', '{"a": {"b": 1, "b": 1}}'])
def test_a_body_that_cannot_be_read_or_says_a_thing_twice_is_named(name: str, text: str) -> None:
    if name == "a catalogue" and "refno" in text:
        return
    with pytest.raises(InvalidRequest) as refused:
        ALL[name](text)
    assert [problem.field for problem in refused.value.problems] == ["body"]


def test_what_is_refused_keeps_nothing_of_the_body() -> None:
    """Keys may stand in it, and an error goes into logs with what caused it."""
    with pytest.raises(InvalidRequest) as refused:
        read_object('{"sharedKey": "secret', 100)
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__
    with pytest.raises(TooLarge):
        read_object("{}" + " " * 99, 100)


@pytest.mark.parametrize("reply_to", [error_reply, walleo_refusals.error_reply, walletapp_answers.error_reply])
def test_what_cannot_be_encoded_is_answered_all_the_same(reply_to: Callable[[Any], Any]) -> None:
    half = json.loads('"\\ud800"')
    for error in (NotFound(half), InvalidRequest([FieldProblem(half, half, half)])):
        assert "?" in reply_to(error).text.encode().decode()


def test_a_field_of_no_meaning_is_told_back_whatever_it_is_called() -> None:
    for name in ("a deposit", "a top-up", "a rule of retention", "an act", "a range of webhooks", "a Walleo client"):
        with pytest.raises(InvalidRequest) as refused:
            ALL[name]('{"\\ud800": 1}')
        assert error_reply(refused.value).text.encode(), name


def test_all_lines_of_a_file_come_from_one_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    write = csv.writer

    def counted(file: Any) -> Any:
        made.append(file)
        return write(file)

    monkeypatch.setattr(csv, "writer", counted)
    lines = list(exports.csv_rows([["a", "b,c"], ["=1", 'd"'], []]))
    assert (lines, len(made)) == ([b'a,"b,c"\r\n', b'\'=1,"d"""\r\n', b"\r\n"], 1)
