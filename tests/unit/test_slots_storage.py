"""The slots of a lot as one attribute: nothing is lost, and it stays small."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.orders.lot import LotState, Slot
from giftline.orders.slots import with_slots
from giftline.storage.items import lot_from_item, lot_to_item
from giftline.storage.slots import pack_slots, unpack_slots
from tests.fakes.house import a_lot

NOW = 1_750_000_000_000
BLOCK = 200
times = st.integers(0, 2**42)
counts = st.integers(0, 30_000)
any_slot = st.builds(
    Slot,
    state=st.sampled_from(LotState),
    attempt=st.integers(1, 9),
    posts=counts,
    forgiven_posts=counts,
    posting_at=st.none() | times,
    waiting_since=st.none() | times,
    ask_at=times,
    asks=counts,
    failed_asks=counts,
    fetch_rounds=counts,
    taken=st.booleans(),
    refusal=st.text(max_size=20),
    was=st.none() | st.sampled_from(LotState),
    reason=st.text(max_size=20),
)
FIELDS = {field.name for field in fields(Slot)}


@settings(max_examples=200, deadline=None)
@given(st.lists(any_slot, min_size=1, max_size=12))
def test_slots_come_back_as_they_were(slots: list[Slot]) -> None:
    back = unpack_slots(pack_slots(slots))
    assert back == tuple(slots)
    for slot in back:
        kinds = {name: type(getattr(slot, name)) for name in ("state", "was", "taken")}
        assert kinds == {"state": LotState, "was": type(slot.was) if slot.was is None else LotState, "taken": bool}


@settings(max_examples=50, deadline=None)
@given(st.lists(any_slot, min_size=1, max_size=12))
def test_a_lot_comes_back_with_its_slots(slots: list[Slot]) -> None:
    lot = replace(a_lot(quantity=len(slots)), slots=tuple(slots), supplier="walleo")
    assert lot_from_item(lot_to_item(lot)) == lot


@pytest.mark.parametrize("count", [1, 2, 2_500])
def test_new_slots_are_almost_nothing(count: int) -> None:
    packed = pack_slots((Slot(),) * count)
    assert unpack_slots(packed) == (Slot(),) * count
    assert len(packed) < 40


def test_every_field_of_a_slot_is_drawn_above() -> None:
    """A new field must be stored too."""
    drawn = {"state", "attempt", "posts", "forgiven_posts", "posting_at", "waiting_since", "ask_at", "asks"}
    assert drawn | {"failed_asks", "fetch_rounds", "taken", "refusal", "was", "reason"} == FIELDS


def in_blocks(*states: LotState) -> list[Slot]:
    """2,500 slots, each block of 200 of its own moment, the states one after the other."""
    return [
        Slot(
            states[at % len(states)],
            posts=1,
            posting_at=NOW + at // BLOCK * 10_137,
            waiting_since=NOW + at // BLOCK * 10_137,
            ask_at=NOW + at // BLOCK * 10_211,
        )
        for at in range(2_500)
    ]


def test_a_lot_that_was_bought_in_blocks_takes_two_kilobytes_at_most() -> None:
    assert len(pack_slots(in_blocks(LotState.PLACED))) <= 2_000
    lot = with_slots(replace(a_lot(quantity=2_500), supplier="walleo"), in_blocks(LotState.PLACED))
    assert len(pack_slots(lot.slots)) <= 2_000


def test_states_that_alternate_take_two_kilobytes_at_most_too() -> None:
    mixed = in_blocks(LotState.COLLECTED, LotState.COLLECTED, LotState.PLACED, LotState.FAILED, LotState.POSTING)
    assert len(pack_slots(mixed)) <= 2_000


@pytest.mark.parametrize("change", [-1, 1])
def test_columns_of_another_length_are_refused(change: int) -> None:
    columns = json.loads(zlib.decompress(pack_slots([Slot(), Slot(posts=1), Slot(posts=2)])))
    columns["count"] += change
    with pytest.raises(ValueError, match="posts"):
        unpack_slots(zlib.compress(json.dumps(columns).encode()))
