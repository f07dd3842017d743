"""Orders in a world where everything goes wrong: bought once, kept, paid for, and brought to an end."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from tests.simulation.checks import RULES, Evidence
from tests.simulation.clients import WHIMS
from tests.simulation.mixes import MIXES
from tests.simulation.run import LEAST_SEEDS, MOST_REVIEW, Summary, run_many, run_seed

SEEDS = int(os.environ.get("SIMULATION_SEEDS", "10000"))
RUNS = {"wpay": SEEDS, "walleo": SEEDS, "both": SEEDS // 10}
SUPPLIERS = tuple(RUNS)
PROCESSES = 2
FICKLE_SEEDS = 15
SHOWN = 10


def told(summary: Summary) -> str:
    shown = [line for result in summary.failed[:SHOWN] for line in (f"{result.replay} --verbose", *result.problems)]
    return "\n".join([f"{len(summary.failed)} of {summary.seeds} seeds failed", *shown])


@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_whatever_happens_each_card_is_bought_once_and_kept(supplier: str) -> None:
    summary = run_many(range(RUNS[supplier]), supplier, processes=PROCESSES)
    assert not summary.failed, told(summary)
    if summary.seeds >= LEAST_SEEDS:
        assert summary.share("order REVIEW") <= MOST_REVIEW
        assert "order CANCELED" in summary.ends
        assert summary.drawn.keys() >= WHIMS.keys()


@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_where_nothing_goes_wrong_every_order_is_complete(supplier: str) -> None:
    summary = run_many(range(10), supplier, mix="calm")
    assert not summary.failed
    assert not summary.drawn
    assert {name for name in summary.ends if name.startswith("order ")} == {"order COMPLETE"}


@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_a_seed_decides_everything(supplier: str) -> None:
    traces: list[list[str]] = [[], []]
    results = [run_seed(7, supplier, trace=trace.append) for trace in traces]
    assert traces[0] == traces[1]
    assert results[0] == results[1]


def test_a_supplier_that_sells_twice_under_one_reference_would_be_noticed() -> None:
    def sells_twice(evidence: Evidence) -> list[str]:
        (order, *_) = evidence.orders
        sales = evidence.sales[order.id]
        evidence.sales[order.id] = [*sales, *sales]
        return [problem for rule in RULES for problem in rule(evidence)]

    result = run_seed(1, mix="calm", rules=(lambda evidence: iter(sells_twice(evidence)),))
    assert any("was sold 2 times" in problem for problem in result.problems)


@pytest.mark.parametrize("supplier", SUPPLIERS)
def test_orders_that_are_called_off_or_taken_back_come_to_the_right_end(supplier: str) -> None:
    summary = run_many(range(FICKLE_SEEDS), supplier, mix="fickle")
    assert not summary.failed, told(summary)
    assert {"order CANCELED", "order COMPLETE"} <= summary.ends.keys()


def test_a_card_that_stands_outside_the_vault_would_be_noticed() -> None:
    def leaks(evidence: Evidence) -> list[str]:
        (card, *_) = evidence.house.suppliers["wpay"].ledger.sold_cards()
        leaking = replace(evidence, logged=[f"the card {card.number} was fetched"])
        return [problem for rule in RULES for problem in rule(leaking)]

    result = run_seed(1, mix="calm", rules=(lambda evidence: iter(leaks(evidence)),))
    assert result.problems == ("a card's secret stands in a log record",)


def test_a_card_that_was_not_kept_would_be_noticed() -> None:
    def forgets(evidence: Evidence) -> list[str]:
        for kept in evidence.kept.values():
            kept.clear()
        return [problem for rule in RULES for problem in rule(evidence)]

    result = run_seed(1, mix="calm", rules=(lambda evidence: iter(forgets(evidence)),))
    assert any("sold cards are not kept" in problem for problem in result.problems)


def test_what_is_wrong_is_told_with_the_command_that_replays_it() -> None:
    result = run_seed(3, mix={**MIXES["calm"], "crash before dynamodb transaction": 1.0})
    assert any("never accepted" in problem for problem in result.problems)
    assert "--supplier wpay --seed 3" in result.replay
