"""A chunk is worked off in slices and steps; the last one closes the batch; the sweep loses nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from giftline.errors import GiftlineError, NotFound, StaleWrite, Unwritable
from giftline.wallet.applying import SLICE_ROWS, SLICE_SECONDS, STEP_TRIES, UNWRITABLE
from giftline.wallet.batch import BatchStatus, Operation, Row, Step
from giftline.wallet.model import Member
from giftline.wallet.operations.stepping import STEP_ROWS
from giftline.wallet.operations.world import MOST_RECORDS
from giftline.wallet.sweeping import FILE_SWEEPS, GIVEN_UP, MAX_SWEEPS
from giftline.wallet.viewing import ViewBatch
from tests.fakes.wallet_house import API_URL, TENANT, WalletHouse, bulk, member, row, storecard


@pytest.fixture
def house() -> WalletHouse:
    house = WalletHouse()
    house.wallets.seed(*[member(f"m{number}") for number in range(1_200)])
    return house


def rows_of(count: int) -> list[Row]:
    return [row(number, f"m{number}", city="Ghent") for number in range(count)]


def accepted(house: WalletHouse, count: int, operation: Operation = Operation.MEMBERS) -> str:
    return house.accept(bulk(operation, *rows_of(count))).batch_id


def refuse(house: WalletHouse, refuses: Callable[[Step], bool]) -> list[int]:
    """Commits that competing writers win; the sizes of what was tried."""
    commit, sizes = house.batches.commit, []

    def refused(step: Step) -> None:
        sizes.append(len(step.results))
        if refuses(step):
            raise StaleWrite("somebody else")
        commit(step)

    house.batches.commit = refused  # type: ignore[method-assign]
    return sizes


def test_one_message_is_a_slice_and_what_is_left_goes_to_the_end_of_the_queue(house: WalletHouse) -> None:
    large, small = accepted(house, 999), house.accept(bulk(Operation.MEMBERS, *rows_of(10), body="2")).batch_id
    house.apply(*house.messages.waiting.popleft())
    assert house.batches.chunk(large, 0).cursor == SLICE_ROWS
    assert list(house.messages.waiting) == [(small, 0), (large, 0)]


def test_a_slice_reads_in_bulks(house: WalletHouse) -> None:
    batch_id = accepted(house, 500, Operation.STORECARDS)
    house.wallets.reads = 0
    house.apply(batch_id, 0)
    assert house.wallets.reads == 1
    assert house.batches.chunk(batch_id, 0).is_finished


def test_a_slice_ends_when_its_time_is_over(house: WalletHouse) -> None:
    batch_id = accepted(house, 500)
    house.clock.tick = SLICE_SECONDS
    house.apply(batch_id, 0)
    assert house.batches.chunk(batch_id, 0).cursor == MOST_RECORDS


def test_no_step_is_larger_than_a_transaction(house: WalletHouse) -> None:
    house.run(bulk(Operation.STORECARDS, *rows_of(200)))
    house.run(bulk(Operation.MEMBERS, *[row(number, "nobody") for number in range(200)], body="2"))
    assert all(len(step.records) <= MOST_RECORDS for step in house.batches.steps)
    assert max(len(step.results) for step in house.batches.steps) == STEP_ROWS


def test_a_message_for_a_closed_batch_or_a_finished_chunk_does_nothing(house: WalletHouse) -> None:
    batch_id = accepted(house, 3)
    house.apply(batch_id, 0)
    steps = len(house.batches.steps)
    house.apply(batch_id, 0)
    assert len(house.batches.steps) == steps
    assert house.batches.closes == [batch_id]


def test_a_batch_replayed_makes_no_second_pass(house: WalletHouse) -> None:
    batch_id = accepted(house, 5, Operation.STORECARDS)
    first = house.batches.chunk(batch_id, 0)
    house.apply(batch_id, 0)
    before = dict(house.wallets.records)
    house.batches.parts[batch_id, 0] = first  # as if an old copy of the chunk had been restored
    house.batches.batches[batch_id] = replace(house.batches.get(batch_id), closed_as=None)
    house.batches.kept[batch_id] = {}
    house.clock.pass_(1)
    house.apply(batch_id, 0)
    assert house.wallets.records == before
    assert house.view(batch_id).done == 5


def test_a_refused_step_is_planned_again_on_what_is_there_now(house: WalletHouse) -> None:
    house.seed_card(storecard("P1", "joe", points=10))
    batch_id = house.accept(bulk(Operation.POINTS, row(0, "joe", points=5))).batch_id
    others = iter([7])

    def somebody_else(step: Step) -> bool:
        for more in others:
            one = house.pass_("P1")
            house.wallets.save_pass(replace(one, points=one.points + more))
        return False

    refuse(house, somebody_else)
    house.apply(batch_id, 0)
    assert house.pass_("P1").points == 22
    assert house.view(batch_id).done == 1


def test_steps_that_are_refused_again_and_again_get_smaller_and_are_left_for_later(house: WalletHouse) -> None:
    batch_id = accepted(house, 200)
    sizes = refuse(house, lambda step: True)
    house.messages.waiting.clear()
    house.apply(batch_id, 0)
    assert sizes == [97, 97, 97, 97, 48, 24, 12, 6, 3, 1, 1]
    assert len(sizes) == STEP_TRIES
    assert list(house.messages.waiting) == [(batch_id, 0)]
    assert house.view(batch_id).failed == 0


def test_a_smaller_step_gets_through(house: WalletHouse) -> None:
    batch_id = accepted(house, 100)
    refuse(house, lambda step: len(step.results) > 10)
    house.deliver()
    assert house.view(batch_id).done == 100


def test_a_row_whose_records_the_table_never_takes_is_reported_and_stops_no_other(house: WalletHouse) -> None:
    batch_id = accepted(house, 200)
    commit = house.batches.commit

    def too_large(step: Step) -> None:
        if any(isinstance(one, Member) and one.identifier == "m42" for one in step.records):
            raise Unwritable("the item is too large")
        commit(step)

    house.batches.commit = too_large  # type: ignore[method-assign]
    house.deliver()
    view = house.view(batch_id)
    assert (view.done, view.failed, view.status) == (199, 1, BatchStatus.FINISHED)
    assert [(one.row, one.identifier, one.reason) for one in view.results if one.reason] == [(42, "m42", UNWRITABLE)]
    assert house.member("m42").city == ""


def test_where_another_worker_is_at_the_chunk_this_one_leaves_it(house: WalletHouse) -> None:
    batch_id = accepted(house, 700)
    house.messages.waiting.clear()
    done = iter([True])

    def the_other(step: Step) -> bool:
        if next(done, False):
            house.apply(batch_id, 0)
        return False

    refuse(house, the_other)
    house.apply(batch_id, 0)
    assert house.batches.chunk(batch_id, 0).cursor == SLICE_ROWS
    assert list(house.messages.waiting) == [(batch_id, 0)]


def test_rows_that_are_not_where_the_chunk_says_are_not_applied(house: WalletHouse) -> None:
    batch_id = accepted(house, 5)
    chunk = house.batches.parts[batch_id, 0]
    house.batches.parts[batch_id, 0] = replace(chunk, cursor=1)
    with pytest.raises(GiftlineError, match="not where it says"):
        house.apply(batch_id, 0)


def test_only_phones_that_want_to_hear_are_told_of_changes(house: WalletHouse) -> None:
    house.seed_card(storecard("P1", "joe", devices=2))
    house.seed_card(storecard("P2", "sue"))
    rows = [row(0, "joe", points=5), row(1, "sue", points=5), row(2, "joe", points=0)]
    house.run(bulk(Operation.POINTS, *rows))
    assert house.push.told == ["P1"]


def test_a_push_that_fails_stops_nothing_and_shows_nothing(
    house: WalletHouse, caplog: pytest.LogCaptureFixture
) -> None:
    house.seed_card(storecard("P1", "joe", devices=2))
    house.push.broken = True
    house.run(bulk(Operation.POINTS, row(0, "joe", points=5)))
    assert house.pass_("P1").points == 5
    assert "ConnectionError" in caplog.text
    assert "does not answer" not in caplog.text


def test_a_batch_with_a_row_that_was_applied_is_a_success(house: WalletHouse) -> None:
    batch_id = house.accept(bulk(Operation.MEMBERS, row(0, "nobody"), row(1, "m1", city="X"))).batch_id
    house.deliver()
    (event,) = house.batches.events.values()
    link = f"{API_URL}/webhooks/members/{batch_id}"
    assert json.loads(event.body) == {"status": "success", "batch_id": batch_id, "link": link}
    assert (event.subject, event.tenant, event.due_at) == (batch_id, TENANT, house.clock.now() + 600_000)
    assert house.deliveries.started == [event.id]
    assert house.view(batch_id).status is BatchStatus.FINISHED
    assert house.batches.get(batch_id).due_at is None


def test_a_batch_of_which_no_row_could_be_applied_failed(house: WalletHouse) -> None:
    batch_id = house.accept(bulk(Operation.MEMBERS, row(0, "nobody"), row(1, "nobody"))).batch_id
    house.deliver()
    (event,) = house.batches.events.values()
    error = f"no row could be applied, of 2: member not found, see {API_URL}/webhooks/members/{batch_id}"
    assert json.loads(event.body) == {"status": "failed", "batch_id": batch_id, "error": error}
    assert house.view(batch_id).status is BatchStatus.FAILED


def test_without_a_url_nobody_is_told(house: WalletHouse) -> None:
    house.accept(bulk(Operation.MEMBERS, row(0, "m1"), webhook=""))
    house.deliver()
    assert house.batches.events == {}
    assert len(house.batches.closes) == 1


def test_a_batch_that_the_sweep_looked_at_meanwhile_is_closed_all_the_same(house: WalletHouse) -> None:
    batch_id = accepted(house, 1)
    get = house.batches.get

    def looked_at(wanted: str) -> object:
        batch = get(wanted)
        house.batches.get = get  # type: ignore[method-assign]
        house.batches.save(batch)
        return batch

    house.batches.get = looked_at  # type: ignore[method-assign, assignment]
    house.apply(batch_id, 0)
    assert house.batches.closes == [batch_id]


def test_a_page_of_results_and_where_the_next_begins(house: WalletHouse) -> None:
    batch_id = accepted(house, 1_100)
    queued = house.view(batch_id)
    assert (queued.status, queued.queued, queued.started_at) == (BatchStatus.QUEUED, 1_100, None)
    house.apply(batch_id, 1)
    under_way = house.view(batch_id, 540, 20)
    assert (under_way.status, under_way.queued, under_way.processing) == (BatchStatus.PROCESSING, 550, 50)
    assert (under_way.done, under_way.failed, under_way.next_row) == (500, 0, 560)
    assert [result.row for result in under_way.results] == list(range(550, 560))
    house.deliver()
    assert house.view(batch_id, 1_090, 20).next_row is None


@pytest.mark.parametrize("case", ["unknown", "another tenant", "another operation"])
def test_what_is_not_ones_own_is_not_found_in_the_same_words(house: WalletHouse, case: str) -> None:
    batch_id = accepted(house, 1) if case != "unknown" else "NONE"
    tenant = "another" if case == "another tenant" else TENANT
    operation = Operation.POINTS if case == "another operation" else Operation.MEMBERS
    with pytest.raises(NotFound, match=r"^no batch of that id and kind belongs to this tenant$"):
        ViewBatch(house.batches)(tenant, operation, batch_id, 0, 10)


def test_a_lost_message_is_sent_again_when_the_batch_is_due(house: WalletHouse) -> None:
    batch_id = accepted(house, 1_000)
    house.apply(batch_id, 1)
    house.messages.waiting.clear()
    assert house.sweep() == {"due": 0, "sent": 0}
    house.clock.pass_(120_000)
    assert house.sweep() == {"due": 1, "sent": 0}  # rows were applied meanwhile: somebody may be at it
    assert house.batches.get(batch_id).due_at == house.clock.now() + 600_000
    assert house.sweep() == {"due": 0, "sent": 0}
    house.clock.pass_(600_000)
    assert house.sweep() == {"due": 1, "sent": 1}
    assert list(house.messages.waiting) == [(batch_id, 0)]


def test_a_batch_that_moves_is_never_given_up_however_long_it_takes(house: WalletHouse) -> None:
    batch_id = accepted(house, 1_000)
    house.batches.save(replace(house.batches.get(batch_id), sweeps=MAX_SWEEPS))
    house.apply(batch_id, 0)
    house.clock.pass_(120_000)
    assert house.sweep() == {"due": 1, "sent": 0}
    batch = house.batches.get(batch_id)
    assert (batch.sweeps, batch.swept_rows) == (0, 500)
    assert house.view(batch_id).failed == 0


def test_a_batch_whose_closer_died_is_closed_by_the_sweep(house: WalletHouse) -> None:
    batch_id = accepted(house, 1)
    close = house.batches.close
    house.batches.close = lambda *_: (_ for _ in ()).throw(ConnectionError())  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        house.apply(batch_id, 0)
    house.batches.close = close  # type: ignore[method-assign]
    house.clock.pass_(120_000)
    assert house.sweep() == {"due": 1, "sent": 0}
    assert house.batches.closes == [batch_id]
    assert len(house.deliveries.started) == 1


@pytest.mark.parametrize("is_lost", [False, True])
def test_a_batch_that_keeps_failing_is_given_up_and_every_row_reported(house: WalletHouse, is_lost: bool) -> None:
    rows = [row(0, "nobody"), *rows_of(1_150)[1:]]
    batch_id = house.accept(bulk(Operation.MEMBERS, *rows)).batch_id
    house.apply(batch_id, 1)
    batch = house.batches.save(replace(house.batches.get(batch_id), sweeps=MAX_SWEEPS, swept_rows=500))
    house.clock.pass_(120_000)
    if is_lost:
        house.files.lost.add(batch.rows_key)
        for _ in range(FILE_SWEEPS):
            with pytest.raises(GiftlineError, match="ConnectionError"):
                house.sweep()
            house.clock.pass_(600_000)
    assert house.sweep() == {"due": 1, "sent": 0}
    view = house.view(batch_id)
    assert (view.done, view.failed, view.status) == (500, 650, BatchStatus.FINISHED)
    assert [result.row for result in view.results] == list(range(1_150))
    assert view.results[3].reason == GIVEN_UP
    assert view.results[3].identifier == ("" if is_lost else "m3")
    assert view.results[0].reason == (GIVEN_UP if is_lost else "member not found")


def test_one_batch_s_trouble_is_not_the_others(house: WalletHouse) -> None:
    first, second = accepted(house, 1), house.accept(bulk(Operation.MEMBERS, row(0, "m1"), body="2")).batch_id
    house.messages.waiting.clear()
    del house.batches.parts[first, 0]
    chunks = house.batches.chunks
    whole = lambda wanted: chunks(wanted) or [house.batches.chunk(wanted, 0)]  # noqa: E731
    house.batches.chunks = whole  # type: ignore[method-assign]
    house.clock.pass_(120_000)
    with pytest.raises(GiftlineError, match=rf"could not look after {first} \(NotFound\)$"):
        house.sweep()
    assert list(house.messages.waiting) == [(second, 0)]
