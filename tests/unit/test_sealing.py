"""A page opens only where it was written, and no repr shows what must not be seen."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest

from giftline.doors.answers import Reply
from giftline.errors import BrokenSeal
from giftline.orders.lot import Lot
from giftline.orders.model import Order, Page
from giftline.orders.pages import open_page, seal_page
from giftline.orders.viewing import CardsSlice
from giftline.secret import Secret
from giftline.storage.vault import AesGcmSeal
from giftline.suppliers.http import Answer
from giftline.suppliers.port import CardsPage, Fetched
from tests.fakes.house import House, a_lot, an_order, line
from tests.fakes.supplier import card_of, cards_for

SEAL = AesGcmSeal(b"k" * 32)


@pytest.fixture
def sealed() -> tuple[Order, Lot, Page]:
    order, lot = an_order(), a_lot()
    cards = [*cards_for((line(3),)), card_of(line(), 9, flaw="no PIN")]
    return order, lot, seal_page(SEAL, order, lot, 500, 2, cards)


def test_what_was_sealed_opens_as_it_was(sealed: tuple[Order, Lot, Page]) -> None:
    order, _, page = sealed
    assert open_page(SEAL, order, page) == [*cards_for((line(3),)), card_of(line(), 9, flaw="no PIN")]
    assert (len(page.ref.digests), page.ref.flawed) == (3, 1)


def test_sound_cards_stand_before_flawed_ones_so_that_digests_tell_positions() -> None:
    order, lot = an_order(), a_lot()
    cards = [card_of(line(), 0, flaw="no PIN"), card_of(line(), 1), card_of(line(), 2, flaw="x"), card_of(line(), 3)]
    opened = open_page(SEAL, order, seal_page(SEAL, order, lot, 0, 0, cards))
    assert [bool(card.flaw) for card in opened] == [False, False, True, True]


@pytest.mark.parametrize("part", ["tenant", "order", "lot", "offset", "version"])
def test_a_page_does_not_open_at_another_place(sealed: tuple[Order, Lot, Page], part: str) -> None:
    order, _, page = sealed
    ref = page.ref
    moved = {
        "tenant": (replace(order, tenant="other"), ref),
        "order": (replace(order, id="O2"), ref),
        "lot": (order, replace(ref, lot=2)),
        "offset": (order, replace(ref, offset=0)),
        "version": (order, replace(ref, version=3)),
    }
    elsewhere, place = moved[part]
    with pytest.raises(BrokenSeal):
        open_page(SEAL, elsewhere, Page(place, page.sealed))


def test_no_flipped_bit_goes_unseen(sealed: tuple[Order, Lot, Page]) -> None:
    order, _, page = sealed
    for at in range(0, len(page.sealed), 7):
        text = bytearray(page.sealed)
        text[at] ^= 1
        with pytest.raises(BrokenSeal):
            open_page(SEAL, order, Page(page.ref, bytes(text)))


@pytest.mark.parametrize("length", [0, 5, 12, 20])
def test_a_page_that_was_cut_off_is_a_broken_seal(sealed: tuple[Order, Lot, Page], length: int) -> None:
    order, _, page = sealed
    with pytest.raises(BrokenSeal):
        open_page(SEAL, order, Page(page.ref, page.sealed[:length]))


def test_another_key_does_not_open_a_page(sealed: tuple[Order, Lot, Page]) -> None:
    order, _, page = sealed
    with pytest.raises(BrokenSeal):
        open_page(AesGcmSeal(b"K" * 32), order, page)


def test_a_page_whose_count_was_changed_beside_it_is_refused(sealed: tuple[Order, Lot, Page]) -> None:
    order, _, page = sealed
    with pytest.raises(BrokenSeal):
        open_page(SEAL, order, Page(replace(page.ref, flawed_digests=()), page.sealed))


def test_the_sealed_bytes_show_no_number(sealed: tuple[Order, Lot, Page]) -> None:
    _, _, page = sealed
    assert b"6280" not in page.sealed
    assert all(len(digest) == 8 for digest in page.ref.digests)


def test_the_same_card_has_another_digest_in_another_order() -> None:
    other = AesGcmSeal(b"K" * 32)
    assert SEAL.digest("6280") == SEAL.digest("6280")
    assert SEAL.digest("6280") != other.digest("6280")


def test_a_full_page_fits_one_item() -> None:
    order, lot = an_order(), a_lot(quantity=500)
    url = Secret("https://gift.example.com/activate/" + "x" * 120)
    cards = [replace(c, activation_url=url) for c in cards_for((line(500),))]
    assert len(seal_page(SEAL, order, lot, 0, 0, cards).sealed) < 350_000


def test_a_secret_shows_nothing() -> None:
    secret = Secret("6280000000001")
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>40}", "%s" % secret, repr([secret]), repr({1: secret})]  # noqa: UP031
    assert not any("6280" in text for text in shown)
    assert secret.reveal() == "6280000000001"
    assert secret == Secret("6280000000001")
    assert secret != "6280000000001"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_nothing_that_carries_cards_shows_them(house: House, sealed: tuple[Order, Lot, Page]) -> None:
    order, _, page = sealed
    card = card_of(line(), 1)
    carriers = [
        card,
        page,
        CardsPage(Fetched.CARDS, (card,)),
        CardsSlice(order, (card,), 1),
        Answer(200, {"cardNumber": "6280000000000001"}),
        Reply(200, {"cardNumber": "6280000000000001"}),
        replace(order, wrapped_key=b"6280 wrapped"),
    ]
    for carrier in carriers:
        assert "6280" not in repr(carrier)
        assert "9355" not in repr(carrier)


def test_a_vault_opens_an_orders_key_for_that_order_only(house: House) -> None:
    order = house.planned()
    with pytest.raises(PermissionError):
        house.vault.seal(replace(order, id="another"))
