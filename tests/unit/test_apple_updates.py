"""A phone hears of every change of its passes and fetches it, also of two within one second."""

from __future__ import annotations

from typing import Any

import pytest

from giftline.doors.apple import modified_since
from giftline.doors.content import Content
from giftline.errors import NotFound
from giftline.passes.pkpass import MEDIA_TYPE
from giftline.wallet.devices import SETTLED_AFTER
from tests.fakes.apple import OTHER, SERIAL, URL, Service, content_of
from tests.fakes.passes import LINKS, held_pass
from tests.fakes.time import START


def test_a_phone_hears_of_what_changed_since_its_tag_and_of_nothing_else() -> None:
    service = Service(held_pass(), OTHER)
    service.register(SERIAL)
    service.register(OTHER.id)
    serials, tag = service.listed()
    assert serials == sorted([SERIAL, OTHER.id])
    assert service.updated(tag) == Content(204, "application/json", b"")
    service.change(OTHER.id, START, points=7)
    service.clock.pass_(SETTLED_AFTER)
    assert service.listed(tag) == ([OTHER.id], str(START))
    assert isinstance(service.updated(str(START)), Content)


def test_a_phone_that_nobody_knows_hears_of_nothing() -> None:
    assert Service().updated().status == 204


@pytest.mark.parametrize("tag", ["", "yesterday", "-1", "9" * 40, "١٢"])
def test_a_tag_that_is_none_of_ours_lists_everything(tag: str) -> None:
    service = Service()
    service.register(SERIAL)
    assert service.listed(tag)[0] == [SERIAL]


def test_a_change_that_is_written_after_a_later_one_was_listed_is_not_missed() -> None:
    service = Service(held_pass(), OTHER)
    service.register(SERIAL)
    service.register(OTHER.id)
    service.change(SERIAL, START)
    _, tag = service.listed()
    service.change(OTHER.id, START - 1)  # stamped before, written after
    service.clock.pass_(2 * SETTLED_AFTER)
    assert service.listed(tag)[0] == sorted([SERIAL, OTHER.id])


def test_a_tag_never_goes_back() -> None:
    service = Service()
    service.register(SERIAL)
    service.change(SERIAL, START)
    assert service.listed(str(START - 1)) == ([SERIAL], str(START - 1))


def test_the_pass_is_sent_as_it_is_now_and_its_token_still_opens_it() -> None:
    service = Service()
    service.change(SERIAL, START, points=777)
    answer = service.fetch(SERIAL)
    made = content_of(answer)
    assert (answer.status, answer.content_type) == (200, MEDIA_TYPE)
    assert made["storeCard"]["headerFields"][0]["value"] == 777
    assert (made["serialNumber"], made["webServiceURL"]) == (SERIAL, URL)
    assert made["authenticationToken"] == LINKS.apple_token(SERIAL)


def test_a_pass_that_did_not_change_is_not_sent_again() -> None:
    service = Service()
    first = service.fetch(SERIAL)
    again = service.fetch(SERIAL, first.headers["Last-Modified"])
    assert (again.status, again.content) == (304, b"")
    assert again.headers["Last-Modified"] == first.headers["Last-Modified"]
    service.change(SERIAL, START)
    assert service.fetch(SERIAL, first.headers["Last-Modified"]).status == 200


def test_two_changes_within_one_second_are_both_fetched() -> None:
    service = Service()
    second = START - START % 1000
    service.change(SERIAL, second + 100, points=1)
    service.clock.time = second + 200
    first = service.fetch(SERIAL)
    service.change(SERIAL, second + 900, points=2)
    service.clock.time = second + 5 * SETTLED_AFTER
    answer = service.fetch(SERIAL, first.headers["Last-Modified"])
    assert content_of(answer)["storeCard"]["headerFields"][0]["value"] == 2
    assert service.fetch(SERIAL, answer.headers["Last-Modified"]).status == 304


@pytest.mark.parametrize("since", ["yesterday", "2026-01-01", "99 Foo 2026", "Mon, 01 Jan 0001 00:00:00 +1400", "0"])
def test_a_date_that_is_none_sends_the_pass(since: str) -> None:
    assert Service().fetch(SERIAL, since).status == 200


def test_a_date_with_no_zone_is_gmt() -> None:
    assert modified_since({"if-modified-since": "Thu, 01 Jan 1970 00:00:05 -0000"}) == 5


def test_a_revoked_pass_is_sent_voided_under_its_old_serial() -> None:
    service = Service(held_pass(revoked_at=START, updated_at=START))
    made = content_of(service.fetch(SERIAL))
    assert (made["voided"], made["serialNumber"]) == (True, SERIAL)


def test_the_button_gives_the_pass_to_who_holds_the_link() -> None:
    service = Service()
    answer = service.door.pkpass(f"{SERIAL}.{LINKS.token(SERIAL, 1)}")
    assert answer.content_type == MEDIA_TYPE
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pass.pkpass"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert content_of(answer)["serialNumber"] == SERIAL


@pytest.mark.parametrize(
    ("changes", "reference"),
    [
        ({"revoked_at": START}, f"{SERIAL}.{LINKS.token(SERIAL, 1)}"),
        ({"link_expires_at": START}, f"{SERIAL}.{LINKS.token(SERIAL, 1)}"),
        ({}, f"{SERIAL}.{LINKS.token(SERIAL, 2)}"),
        ({}, f"{SERIAL}.{LINKS.apple_token(SERIAL)}"),
        ({}, SERIAL),
        ({}, ""),
    ],
)
def test_the_button_answers_alike_for_wrong_expired_and_revoked(changes: dict[str, Any], reference: str) -> None:
    with pytest.raises(NotFound, match=r"^this link opens no pass$"):
        Service(held_pass(**changes)).door.pkpass(reference)
