"""A bulk call is accepted once, and says at once who is queued and who is not found."""

from __future__ import annotations

import pytest

from giftline.errors import InvalidRequest
from giftline.wallet.accepting import LANES, chunks_of
from giftline.wallet.batch import Operation
from tests.fakes.wallet_house import BRAND, TENANT, WalletHouse, bulk, member, row, storecard


@pytest.fixture
def house() -> WalletHouse:
    house = WalletHouse()
    house.wallets.seed(member("ann"), member("bob"), member("eve", brands=("another",)))
    return house


def test_members_are_queued_or_not_found_each_once_in_the_order_of_the_rows(house: WalletHouse) -> None:
    rows = [row(n, name) for n, name in enumerate(["bob", "nobody", "ann", "bob", "eve", "nobody"])]
    accepted = house.accept(bulk(Operation.COUPONS, *rows))
    assert accepted.queued == ("bob", "ann")
    assert accepted.not_found == ("nobody", "eve")
    assert house.wallets.reads == 1


def test_nobody_sees_by_accident_where_a_webhook_goes(house: WalletHouse) -> None:
    request = bulk(Operation.COUPONS, row(0, "ann"), webhook="https://a.test/hook?key=hidden")
    kept = house.batches.get(house.accept(request).batch_id)
    assert kept.webhook_url == "https://a.test/hook?key=hidden"
    assert "hidden" not in repr((request, kept))


def test_a_member_of_any_brand_has_licence_plates(house: WalletHouse) -> None:
    accepted = house.accept(bulk(Operation.LICENSEPLATES, row(0, "eve"), row(1, "nobody")))
    assert (accepted.queued, accepted.not_found) == (("eve",), ("nobody",))


def test_whoever_signs_up_need_not_be_there(house: WalletHouse) -> None:
    accepted = house.accept(bulk(Operation.SIGNUPS, row(0, "", email="new@a.test"), row(1, "own-id", email="b@a.test")))
    assert (accepted.queued, accepted.not_found) == (("new@a.test", "own-id"), ())
    assert house.wallets.reads == 0


def test_points_without_a_code_want_a_storecard_of_the_brand(house: WalletHouse) -> None:
    house.seed_card(storecard("P1", "joe"))
    rows = [row(0, "joe", points=1), row(1, "ann", points=1), row(2, "bob", points=1, qr_code="C-P1")]
    accepted = house.accept(bulk(Operation.POINTS, *rows))
    assert (accepted.queued, accepted.not_found) == (("joe", "bob"), ("ann",))
    house.deliver()
    assert [result.reason for result in house.view(accepted.batch_id).results] == [
        "",
        "the member has no storecard of this brand",
        "the storecard C-P1 is another member's",
    ]


@pytest.mark.parametrize(
    ("rows", "sizes"),
    [
        (0, [0]),
        (1, [1]),
        (10, [10]),
        (999, [999]),
        (1_000, [500, 500]),
        (1_999, [666, 666, 667]),
        (25_000, [6_250] * 4),
    ],
)
def test_a_chunk_has_at_least_500_rows_unless_the_batch_has_not(rows: int, sizes: list[int]) -> None:
    chunks = chunks_of("B", list(range(0, 10 * rows + 1, 10)))
    assert len(chunks) <= LANES
    assert [abs(chunk.rows - size) <= 1 for chunk, size in zip(chunks, sizes, strict=True)] == [True] * len(sizes)
    assert [chunk.first_row for chunk in chunks] == [sum(c.rows for c in chunks[:n]) for n in range(len(chunks))]
    assert all(chunk.end - chunk.offset == 10 * chunk.rows for chunk in chunks)
    assert sum(chunk.rows for chunk in chunks) == rows


def test_one_message_a_chunk_by_reference(house: WalletHouse) -> None:
    accepted = house.accept(bulk(Operation.COUPONS, *[row(n, "ann") for n in range(2_000)]))
    assert list(house.messages.waiting) == [(accepted.batch_id, n) for n in range(4)]


def test_a_key_that_came_before_gets_the_first_answer_and_no_second_batch(house: WalletHouse) -> None:
    request = bulk(Operation.COUPONS, row(0, "ann"), row(1, "nobody"), key="k1")
    first = house.accept(request)
    house.wallets.seed(member("nobody"))
    assert house.accept(request) == first
    assert len(house.batches.batches) == 1


def test_a_key_with_another_body_names_the_header(house: WalletHouse) -> None:
    house.accept(bulk(Operation.COUPONS, row(0, "ann"), key="k1"))
    with pytest.raises(InvalidRequest) as refused:
        house.accept(bulk(Operation.COUPONS, row(0, "bob"), key="k1", body="another"))
    assert [problem.field for problem in refused.value.problems] == ["Idempotency-Key"]


def test_a_key_that_another_call_takes_meanwhile_is_that_calls(house: WalletHouse) -> None:
    request = bulk(Operation.COUPONS, row(0, "ann"), key="k1")
    first = house.accept(request)
    find, answers = house.batches.find_key, iter([None])
    house.batches.find_key = lambda tenant, key: next(answers, find(tenant, key))  # type: ignore[method-assign]
    assert house.accept(request) == first
    assert list(house.batches.batches) == [first.batch_id]


def test_a_call_that_was_not_announced_is_announced_when_it_is_repeated(house: WalletHouse) -> None:
    request = bulk(Operation.COUPONS, row(0, "ann"), key="k1")
    house.messages.broken = True
    accepted = house.accept(request)
    house.messages.broken = False
    assert house.accept(request) == accepted
    assert list(house.messages.waiting) == [(accepted.batch_id, 0)]
    house.deliver()
    house.accept(request)
    assert not house.messages.waiting


def test_the_same_body_within_a_day_is_accepted_and_named(house: WalletHouse) -> None:
    first = house.accept(bulk(Operation.COUPONS, row(0, "ann")))
    second = house.accept(bulk(Operation.COUPONS, row(0, "ann")))
    assert (first.duplicate_of, second.duplicate_of) == ("", first.batch_id)
    assert second.batch_id != first.batch_id
    house.clock.pass_(24 * 3_600_000)
    assert house.accept(bulk(Operation.COUPONS, row(0, "ann"))).duplicate_of == ""


def test_a_batch_is_recorded_with_its_place_and_its_due_time(house: WalletHouse) -> None:
    accepted = house.accept(bulk(Operation.COUPONS, row(0, "ann")))
    batch = house.batches.get(accepted.batch_id)
    assert batch.rows_key == f"batches/{TENANT}/{batch.id}/rows.jsonl"
    assert batch.due_at == house.clock.now() + 120_000
    assert (batch.rows, batch.chunks, batch.brand_id) == (1, 1, BRAND)
