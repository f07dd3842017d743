"""Whatever happens to whom and when, the entries sum to the balances at every instant, and nothing is spent twice."""

from __future__ import annotations

from collections import Counter
from typing import Any
from unittest import mock

from giftline.accounts.ledger import Kind
from giftline.storage import ledger
from giftline.storage.attributes import Item
from tests.simulation.ledger_histories import run_history

SEEDS = 150


def test_the_books_are_right_at_every_instant_of_random_histories() -> None:
    kinds: Counter[Kind] = Counter()
    drawn: Counter[str] = Counter()
    instants, refused, overdrawn, low = 0, 0, 0, 0
    for seed in range(SEEDS):
        history, problems = run_history(seed)
        assert not problems, f"seed {seed}: {problems[:5]}"
        entries = history.table.books()[1]
        kinds.update(entry.kind for entry in entries)
        overdrawn += any(entry.available < 0 for entry in entries)
        drawn.update(history.world.draw.drawn)
        instants += history.table.instants
        refused += len(history.refused)
        low += len(list(history.table.table("webhooks").items()))
    assert set(kinds) == set(Kind), "a kind of entry that no history has"
    assert min(instants, refused, overdrawn, low) > 10
    assert {"crash before", "crash after", "lost answer"} <= {" ".join(fault.split()[:2]) for fault in drawn}


def test_a_seed_decides_its_history() -> None:
    assert run_history(7)[0].table.books() == run_history(7)[0].table.books()


def test_a_balance_that_any_write_overwrites_would_be_noticed() -> None:
    def blind(table: str, item: Item, *_: Any) -> dict[str, Any]:
        return {"TableName": table, "Item": item}

    with mock.patch.object(ledger, "put_record", blind), mock.patch.object(ledger, "put", blind):
        assert any(run_history(seed)[1] for seed in range(20))
