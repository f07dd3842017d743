"""A pass gets another link, or none; the old one opens nothing any more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from giftline.accounts.model import Ability
from giftline.errors import Forbidden, NotFound, StaleWrite, Unauthenticated
from giftline.orders.timing import timestamp
from giftline.secret import Secret
from giftline.wallet.linking import RenewLink
from giftline.wallet.links import DAY, LINK_DAYS, links_end, with_new_link
from giftline.wallet.model import Pass, PassKind
from giftline.wallet.opening import OpenPass
from tests.fakes.walletapp_door import TENANT, DoorHouse, FakeCall


@pytest.fixture
def doors() -> DoorHouse:
    return DoorHouse()


def opens(doors: DoorHouse, link: str) -> bool:
    try:
        OpenPass(doors.wallets, doors.links, doors.clock)(link.rpartition("/p/")[2])
    except NotFound:
        return False
    return True


def test_a_renewed_link_opens_and_the_old_one_does_not(doors: DoorHouse) -> None:
    old = doors.links.url(doors.pass_("P1"))
    assert opens(doors, old)
    data = doors.pass_links.renew(FakeCall(), "P1").body["data"]
    assert opens(doors, data["download_link"])
    assert not opens(doors, old)
    assert (data["walletapp_code"], data["expires_at"]) == ("P1", "2026-07-20T15:06:40.000Z")


def test_a_renewed_link_lives_from_now_on(doors: DoorHouse) -> None:
    doors.pass_("P1")
    doors.clock.pass_(LINK_DAYS * DAY)
    assert opens(doors, doors.pass_links.renew(FakeCall(), "P1").body["data"]["download_link"])


def test_a_renewed_link_of_a_pass_that_is_good_for_long_lives_as_long(doors: DoorHouse) -> None:
    held = replace(doors.pass_("P1"), expires_on="2029-12-31")
    assert with_new_link(held, doors.links, doors.clock.now()).link_expires_at == links_end("2029-12-31")
    assert timestamp(links_end("9999-12-31")) == "9999-12-31T23:59:59.000Z"
    assert with_new_link(replace(held, expires_on="2025-12-31"), doors.links, 0).link_expires_at > LINK_DAYS * DAY


def test_a_revoked_link_opens_nothing_and_says_so_however_often(doors: DoorHouse) -> None:
    old = doors.links.url(doors.pass_("P1"))
    first = doors.pass_links.revoke(FakeCall(), "P1")
    written = doors.wallets.writes
    again = doors.pass_links.revoke(FakeCall(), "P1")
    assert first.body == again.body
    assert first.body["data"] == {"walletapp_code": "P1", "download_link": None, "expires_at": None}
    assert not opens(doors, old)
    assert doors.wallets.writes == written


def test_a_key_that_is_replaced_takes_every_link_with_it_until_they_are_renewed(doors: DoorHouse) -> None:
    held = doors.pass_("P1")
    old = doors.links.url(held)
    doors.links = replace(doors.links, key=lambda: Secret("n" * 64))
    unknown_to_the_pass = doors.links.url(held)
    assert not opens(doors, old)  # as good as for whoever learnt the old key
    assert not opens(doors, unknown_to_the_pass)
    assert opens(doors, doors.pass_links.renew(FakeCall(), "P1").body["data"]["download_link"])


@pytest.mark.parametrize("pass_id", ["P" * 3_000, "P1/..", "\u00e9", "P1\n", "", " P1"])
def test_what_can_be_no_passes_id_is_not_looked_up(doors: DoorHouse, pass_id: str) -> None:
    def passes(ids: object) -> dict[str, Pass]:
        raise AssertionError(f"asked for {ids!r:.40}: the table refuses keys of more than 2048 bytes")

    doors.wallets.passes = passes  # type: ignore[method-assign]
    assert not opens(doors, f"/p/{pass_id}.{'t' * 43}")


def test_a_revoked_pass_gets_a_link_again(doors: DoorHouse) -> None:
    old = doors.links.url(doors.pass_("P1"))
    doors.pass_links.revoke(FakeCall(), "P1")
    new = doors.pass_links.renew(FakeCall(), "P1").body["data"]["download_link"]
    assert opens(doors, new)
    assert not opens(doors, old)


@pytest.mark.parametrize(
    ("kind", "has", "lacks"),
    [
        (PassKind.COUPON, Ability.COUPONS_STORE, Ability.STORECARDS_STORE),
        (PassKind.STORECARD, Ability.STORECARDS_STORE, Ability.COUPONS_STORE),
    ],
)
def test_the_passes_kind_says_which_ability_it_takes(
    doors: DoorHouse, kind: PassKind, has: Ability, lacks: Ability
) -> None:
    doors.pass_("P1", kind)
    assert doors.pass_links.renew(doors.let_in("able", TENANT, has), "P1").status == 200
    unable = doors.let_in("unable", TENANT, lacks)
    for attempt in (doors.pass_links.renew, doors.pass_links.revoke):
        with pytest.raises(Forbidden, match=has):
            attempt(unable, "P1")


@pytest.mark.parametrize("ability", [Ability.COUPONS_STORE, Ability.STORECARDS_STORE])
@pytest.mark.parametrize("pass_id", ["P1", "P2", "a/b", "", "x" * 100])
def test_another_tenants_pass_is_not_found_as_one_that_is_not_there(
    doors: DoorHouse, ability: Ability, pass_id: str
) -> None:
    doors.pass_("P1", PassKind.STORECARD, "globex")
    doors.pass_("P2", PassKind.COUPON, "globex")
    with pytest.raises(NotFound):
        doors.pass_links.renew(doors.let_in("mine", TENANT, ability), pass_id)


def test_without_a_token_or_any_ability_nothing_is_said(doors: DoorHouse) -> None:
    doors.pass_("P1")
    with pytest.raises(Unauthenticated):
        doors.pass_links.renew(FakeCall(headers={}), "P1")
    for pass_id in ("P2", "a/b"):
        with pytest.raises(Forbidden):
            doors.pass_links.renew(doors.let_in("poor", TENANT, Ability.CARDS_GET), pass_id)


def test_a_pass_that_changed_meanwhile_keeps_its_link(doors: DoorHouse) -> None:
    held = doors.pass_("P1")
    doors.wallets.save_pass(replace(held, points=5))
    with pytest.raises(StaleWrite):
        RenewLink(doors.wallets, doors.links, doors.clock)(held)
    assert opens(doors, doors.links.url(held))
