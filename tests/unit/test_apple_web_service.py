"""Apple's web service: who may register a phone, and what comes of calls that no phone makes."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable

import pytest

from giftline.doors.answers import error_reply
from giftline.doors.apple import MAX_BODY, cleaned
from giftline.errors import GiftlineError, InvalidRequest, NotFound, Refused, StaleWrite, TooLarge, Unauthenticated
from giftline.wallet import devices
from giftline.wallet.devices import NoPush
from giftline.wallet.ports import DevicePush
from local.wallet_keys import PASS_TYPE_ID
from tests.fakes.apple import OTHER, PHONE, PUSH, SECOND_PHONE, SERIAL, FakeCall, Service, shown
from tests.fakes.passes import LINKS, held_pass


def test_a_phone_registers_once_and_its_new_push_token_is_kept() -> None:
    service = Service()
    assert service.register(SERIAL).status == 201
    assert service.register(SERIAL, body=json.dumps({"pushToken": "CD" * 32})).status == 200
    assert service.devices.devices_of(SERIAL) == [(PHONE, "CD" * 32)]
    assert service.held(SERIAL).devices == 1
    assert service.held(SERIAL).updated_at == held_pass().updated_at  # to hear of a pass is no change of it


def test_no_more_phones_register_than_one_person_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "MOST_DEVICES", 1)
    service = Service()
    service.register(SERIAL)
    with pytest.raises(Refused, match="1 devices have this pass already"):
        service.register(SERIAL, SECOND_PHONE)
    assert service.register(SERIAL).status == 200  # one that is known stays welcome


def test_each_phone_of_a_pass_counts_until_it_lets_go() -> None:
    service = Service()
    service.register(SERIAL)
    service.register(SERIAL, SECOND_PHONE)
    assert service.held(SERIAL).devices == 2
    assert [service.unregister(SERIAL).status for _ in range(2)] == [200, 200]
    assert service.held(SERIAL).devices == 1
    assert service.devices.passes_of(PHONE) == []


@pytest.mark.parametrize(
    ("serial", "headers"),
    [
        (SERIAL, {"Authorization": ""}),
        (SERIAL, {"X-Api-Key": LINKS.apple_token(SERIAL)}),
        (SERIAL, {"Authorization": f"Bearer {LINKS.apple_token(SERIAL)}"}),
        (SERIAL, {"Authorization": "ApplePass wrong"}),
        (SERIAL, {"Authorization": "ApplePass \udcff"}),
        (SERIAL, shown(OTHER.id)),
        (SERIAL, {"Authorization": f"ApplePass {LINKS.token(SERIAL, 1)}"}),  # the link's token is another
        (OTHER.id, shown(OTHER.id)),  # nobody has this pass
        ("x", shown("x")),
        (SERIAL.lower(), shown(SERIAL.lower())),
    ],
)
def test_a_wrong_token_and_an_unknown_serial_answer_alike(serial: str, headers: dict[str, str]) -> None:
    service = Service()
    body = json.dumps({"pushToken": PUSH})
    calls: tuple[Callable[[], object], ...] = (
        lambda: service.door.register(FakeCall(headers, body), PHONE, PASS_TYPE_ID, serial),
        lambda: service.door.unregister(FakeCall(headers), PHONE, PASS_TYPE_ID, serial),
        lambda: service.door.fetch(FakeCall(headers), PASS_TYPE_ID, serial),
    )
    replies = []
    for call in calls:
        with pytest.raises(Unauthenticated) as caught:
            call()
        replies.append(error_reply(caught.value))
    assert {one.status for one in replies} == {401}
    assert len({one.text for one in replies}) == 1
    assert service.devices.tokens == {}


def test_the_scheme_and_the_header_are_read_in_any_case() -> None:
    service = Service()
    assert service.register(SERIAL, authorization=f"applepass  {LINKS.apple_token(SERIAL)}").status == 201


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"pushToken": ""}', '{"pushToken": 5}', '{"pushToken": "xyz"}'])
def test_a_body_without_a_push_token_is_refused(body: str) -> None:
    service = Service()
    with pytest.raises(InvalidRequest):
        service.register(SERIAL, body=body)


@pytest.mark.parametrize("token", ["a" * 201, "a" * MAX_BODY])
def test_a_push_token_that_is_too_long_is_refused(token: str) -> None:
    with pytest.raises(GiftlineError) as caught:
        Service().register(SERIAL, body=json.dumps({"pushToken": token}))
    assert isinstance(caught.value, InvalidRequest | TooLarge)


@pytest.mark.parametrize("device", ["", "a" * 129, "DEVICE#1", "a/b", "a b", "é", "a\n"])
def test_a_device_id_that_could_not_be_one_is_refused(device: str) -> None:
    service = Service()
    with pytest.raises(InvalidRequest):
        service.register(SERIAL, device)
    with pytest.raises(InvalidRequest):
        service.updated(device=device)


def test_another_pass_type_is_not_made_here() -> None:
    door, call, other = Service().door, FakeCall(shown(SERIAL), "{}"), "pass.other"
    calls: tuple[Callable[[], object], ...] = (
        lambda: door.register(call, PHONE, other, SERIAL),
        lambda: door.unregister(call, PHONE, other, SERIAL),
        lambda: door.updated(call, PHONE, other),
        lambda: door.fetch(call, other, SERIAL),
    )
    for ask in calls:
        with pytest.raises(NotFound):
            ask()


def test_points_that_arrive_meanwhile_do_not_lose_a_registration() -> None:
    service = Service()
    service.devices.stale = 3
    assert service.register(SERIAL).status == 201
    service.devices.stale = 3
    assert service.unregister(SERIAL).status == 200
    service.devices.stale = 50
    with pytest.raises(StaleWrite):  # 503 with Retry-After
        service.register(SERIAL)


def test_what_phones_complain_about_is_logged_short_and_without_tokens(caplog: pytest.LogCaptureFixture) -> None:
    token = LINKS.apple_token(SERIAL)
    body = json.dumps({"logs": [f"bad\nanswer for {SERIAL} with ApplePass {token}", 5, *["x y " * 100] * 20]})
    with caplog.at_level(logging.INFO):
        assert Service().door.log(FakeCall(body=body)).status == 200
    assert "22 problems" in caplog.text
    assert "bad answer for … with ApplePass …" in caplog.text
    assert token not in caplog.text
    assert SERIAL not in caplog.text
    assert len(caplog.records[0].getMessage()) < 3_000


@pytest.mark.parametrize(
    ("body", "error"),
    [("", InvalidRequest), ("{}", InvalidRequest), ("[" * 5_000, InvalidRequest), ("x" * (MAX_BODY + 1), TooLarge)],
)
def test_a_log_that_is_none_is_refused(body: str, error: type[GiftlineError]) -> None:
    with pytest.raises(error):
        Service().door.log(FakeCall(body=body))


def test_a_logged_line_is_one_printable_line() -> None:
    assert cleaned("a\x1b[31mb\r\nc\u202e") == "a [31mb  c "


def test_no_push_tells_nobody_and_breaks_nothing() -> None:
    push: DevicePush = NoPush()
    push.changed([held_pass()])
