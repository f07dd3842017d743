"""What each bulk call does to a row, and why a row cannot be applied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from giftline.wallet.batch import MEMBER_NOT_FOUND, Operation, RowResult
from giftline.wallet.links import DAY, LINK_DAYS, pass_id_of, token_hash
from giftline.wallet.model import PassKind
from giftline.wallet.operations import stepping
from giftline.wallet.operations.planned import Planned
from tests.fakes.wallet_house import BRAND, CARD, LINKS, TENANT, WalletHouse, bulk, member, row, storecard


@pytest.fixture
def house() -> WalletHouse:
    house = WalletHouse()
    house.wallets.seed(member("ann"), member("bob"))
    return house


def reasons(results: tuple[RowResult, ...]) -> list[str]:
    return [result.reason for result in results]


def test_a_coupon_takes_from_its_template_what_the_row_leaves_out(house: WalletHouse) -> None:
    rows = [row(0, "ann"), row(1, "bob", qr_code="OWN", pass_title="For Bob", expiration_date="2031-05-01")]
    plain, own = [house.pass_(result.pass_id) for result in house.run(bulk(Operation.COUPONS, *rows))]
    assert (plain.kind, plain.title, plain.expires_on) == (PassKind.COUPON, "10 % off", "2025-07-15")
    assert (own.code, own.title, own.expires_on) == ("OWN", "For Bob", "2031-05-01")
    assert len(plain.code) == 16
    assert plain.code.isdigit()


def test_a_pass_has_an_id_of_its_row_and_a_link_that_is_stored_hashed(house: WalletHouse) -> None:
    (result,) = house.run(bulk(Operation.COUPONS, row(0, "ann", expiration_date="2031-05-01")))
    one = house.pass_(result.pass_id)
    assert one.id == pass_id_of(next(iter(house.batches.batches)), 0)
    assert one.link_hash == token_hash(LINKS.token(one.id, 1))
    assert one.link_expires_at > house.clock.now() + LINK_DAYS * DAY
    assert one.version == 1


def test_the_first_storecard_of_a_brand_is_remembered(house: WalletHouse) -> None:
    first, second = house.run(bulk(Operation.STORECARDS, row(0, "ann", qr_code="A"), row(1, "ann", qr_code="B")))
    assert house.member("ann").storecards == {BRAND: first.pass_id}
    assert house.member("ann").version == 2
    assert [first.code, second.code] == ["A", "B"]
    assert {code: one.pass_id for code, one in house.wallets.codes(TENANT, BRAND, ["A", "B"]).items()} == {
        "A": first.pass_id,
        "B": second.pass_id,
    }


def test_a_code_that_another_storecard_shows_is_a_reason(house: WalletHouse) -> None:
    house.seed_card(storecard("P1", "joe", "TAKEN"))
    rows = [row(0, "ann", qr_code="TAKEN"), row(1, "bob", qr_code="NEW"), row(2, "ann", qr_code="NEW")]
    assert reasons(house.run(bulk(Operation.STORECARDS, *rows))) == [
        "the code TAKEN is taken by another storecard of this brand",
        "",
        "the code NEW is taken by another storecard of this brand",
    ]


@pytest.mark.parametrize(("operation", "word"), [(Operation.COUPONS, "coupon"), (Operation.STORECARDS, "storecard")])
def test_a_template_that_has_gone_since_is_a_reason(house: WalletHouse, operation: Operation, word: str) -> None:
    accepted = house.accept(bulk(operation, row(0, "ann")))
    brand = house.wallets.brands[TENANT, BRAND]
    house.wallets.save_brand(replace(brand, templates=()))
    house.deliver()
    gone = house.batches.get(accepted.batch_id).template_id
    assert reasons(house.view(accepted.batch_id).results) == [f"the {word} {gone} is not there any more"]


def test_points_are_relative_and_add_up_within_a_step(house: WalletHouse) -> None:
    house.seed_card(storecard("P1", "joe", points=10))
    rows = [row(0, "joe", points=5), row(1, "joe", points=-20, qr_code="C-P1"), row(2, "joe", points=1)]
    results = house.run(bulk(Operation.POINTS, *rows))
    assert reasons(results) == ["", "", ""]
    assert [result.code for result in results] == ["C-P1"] * 3
    assert (house.pass_("P1").points, house.pass_("P1").version) == (-4, 2)


def test_the_time_of_a_change_only_grows(house: WalletHouse) -> None:
    late = house.clock.now() + 1_000_000
    house.seed_card(storecard("P1", "joe", updated_at=late))
    house.run(bulk(Operation.POINTS, row(0, "joe", points=5)))
    assert house.pass_("P1").updated_at == late + 1


def test_why_points_are_not_added(house: WalletHouse) -> None:
    house.seed_card(storecard("P1", "joe", points=10**12))
    house.seed_card(storecard("P2", "sue", template_id="card-2"))
    rows = [
        row(0, "joe", points=1),
        row(1, "ann", points=1, qr_code="C-P1"),
        row(2, "ann", points=1, qr_code="NONE"),
        row(3, "sue", points=1),
        row(4, "nobody", points=1),
    ]
    assert reasons(house.run(bulk(Operation.POINTS, *rows))) == [
        "1000000000000 points and 1 more are beyond ±1000000000000",
        "the storecard C-P1 is another member's",
        "no storecard of this brand has the code NONE",
        f"the pass C-P2 is not of the storecard {CARD}",
        MEMBER_NOT_FOUND,
    ]
    assert house.pass_("P1").points == 10**12


def test_a_revoked_pass_still_gets_its_points(house: WalletHouse) -> None:
    house.seed_card(storecard("P1", "joe", revoked_at=1))
    house.run(bulk(Operation.POINTS, row(0, "joe", points=5)))
    assert house.pass_("P1").points == 5


def test_passes_are_updated_or_made(house: WalletHouse) -> None:
    house.seed_card(storecard("P1", "joe", points=1))
    rows = [
        row(0, "joe", points=2, pass_code="C-P1", start_date="2026-01-01"),
        row(1, "joe", points=3),
        row(2, "ann", points=4, pass_code="NEW", start_date="2026-02-02"),
        row(3, "ann", points=5),
        row(4, "bob", points=-6),
        row(5, "bob", points=1, pass_code="NEW"),
    ]
    results = house.run(bulk(Operation.PASSES, *rows))
    assert reasons(results) == [""] * 5 + ["the storecard NEW is another member's"]
    held = [house.pass_(result.pass_id) for result in results[:5]]
    assert [(one.identifier, one.code[:4], one.points, one.starts_on) for one in held[::2]] == [
        ("joe", "C-P1", 6, "2026-01-01"),
        ("ann", "NEW", 9, "2026-02-02"),
        ("bob", held[4].code[:4], -6, ""),
    ]


def test_who_signs_up_first_is_made_and_later_only_joins(house: WalletHouse) -> None:
    house.run(bulk(Operation.SIGNUPS, row(0, "", email="Zoe@A.test", first_name="Zoe", unsubscribed=True)))
    (result,) = house.run(bulk(Operation.SIGNUPS, row(0, "", email="zoe@a.test", first_name="Other"), body="2"))
    zoe = house.member(result.identifier)
    assert (zoe.email, zoe.first_name, zoe.unsubscribed, zoe.brands) == ("zoe@a.test", "Zoe", True, (BRAND,))
    assert zoe.version == 1


def test_a_known_member_joins_another_brand_with_nothing_else_changed(house: WalletHouse) -> None:
    (result,) = house.run(bulk(Operation.SIGNUPS, row(0, "id-1", email="zoe@a.test", first_name="Zoe")))
    other = replace(bulk(Operation.SIGNUPS, row(0, "", email="zoe@a.test", first_name="X"), body="2"), brand_id="b2")
    house.run(other)
    zoe = house.member(result.identifier)
    assert (zoe.identifier, zoe.first_name, zoe.brands) == ("id-1", "Zoe", (BRAND, "b2"))


def test_an_identifier_and_an_address_belong_together(house: WalletHouse) -> None:
    house.run(bulk(Operation.SIGNUPS, row(0, "id-1", email="a@a.test")))
    rows = [row(0, "id-1", email="b@a.test"), row(1, "id-2", email="a@a.test"), row(2, "id-1", email="a@a.test")]
    assert reasons(house.run(bulk(Operation.SIGNUPS, *rows, body="2"))) == [
        "the identifier id-1 belongs to another e-mail address",
        "the e-mail address belongs to another member than id-2",
        "",
    ]


def test_a_member_is_changed_in_the_given_fields_only_and_never_made(house: WalletHouse) -> None:
    house.wallets.seed(member("joe", first_name="Joe", city="Ghent", email="joe@a.test"))
    rows = [row(0, "joe", city="Bruges", email="evil@a.test"), row(1, "nobody", city="X"), row(2, "ann", city="")]
    assert reasons(house.run(bulk(Operation.MEMBERS, *rows))) == ["", MEMBER_NOT_FOUND, ""]
    joe = house.member("joe")
    assert (joe.first_name, joe.city, joe.email) == ("Joe", "Bruges", "joe@a.test")
    assert house.member("ann").version == 1
    assert "nobody" not in house.wallets.members(TENANT, ["nobody"])


def test_plates_are_added_in_order_each_once_and_not_without_end(house: WalletHouse) -> None:
    rows = [
        row(0, "ann", licenseplates=["1-B", "1-A"]),
        row(1, "ann", licenseplates=["1-A", "1-C"]),
        row(2, "ann", licenseplates=[f"2-{n}" for n in range(198)]),
        row(3, "ann"),
    ]
    assert reasons(house.run(bulk(Operation.LICENSEPLATES, *rows))) == [
        "",
        "",
        "the member would have 201 licence plates; at most 200 are kept",
        "",
    ]
    assert house.member("ann").licenseplates == ("1-B", "1-A", "1-C")


def test_a_row_that_brings_its_plan_down_stops_no_other(
    house: WalletHouse, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def falls(*_: object) -> Planned:
        raise KeyError("secret of ann")

    monkeypatch.setitem(stepping.PLANS, Operation.MEMBERS, falls)
    assert reasons(house.run(bulk(Operation.MEMBERS, row(0, "ann"), row(1, "bob")))) == ["could not be applied"] * 2
    assert "KeyError" in caplog.text
    assert "secret" not in caplog.text
