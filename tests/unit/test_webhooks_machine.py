"""The delivery's state machine, walked with the real use case on fakes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from giftline.delivery.events import EventState
from giftline.orders.timing import HOUR
from tests.fakes.state_machine import ExecutionFailed, Walk
from tests.fakes.time import START
from tests.fakes.webhooks import DELAYS, Post

DEFINITION = Path(__file__).parents[2] / "statemachine" / "deliver_webhook.asl.yaml"


def read_definition() -> dict[str, Any]:
    definition: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    return definition


@dataclass
class DeliveryWalk(Walk):
    """Knows the few more words of JSONata that this machine has."""

    definition: dict[str, Any] = field(default_factory=read_definition)

    def deliver(self, given: dict[str, Any]) -> Any:
        return self._walk(self.definition, given, {})

    def _value(self, template: Any, states: dict[str, Any], variables: dict[str, Any]) -> Any:
        match template:
            case "{% $visit + 1 %}":
                return variables["visit"] + 1
            case "{% $visit < $count($delays) %}":
                return variables["visit"] < len(variables["delays"])
            case "{% $states.input.found != 'again' %}":
                return states["input"]["found"] != "again"
        return super()._value(template, states, variables)


@pytest.fixture
def post() -> Post:
    return Post()


def walk_of(post: Post) -> DeliveryWalk:
    def send_webhook(event: dict[str, Any]) -> Any:
        return post.send_webhook(**event).as_state()

    return DeliveryWalk({"send_webhook": send_webhook}, post.clock)


def deliver(post: Post, run: int = 0) -> DeliveryWalk:
    walk = walk_of(post)
    event = post.webhooks.due(START * 2, 1)[0][1] if post.webhooks.records else post.announced().id
    walk.deliver({"tenant": "acme", "event_id": event, "run": run})
    return walk


def state_of(post: Post) -> EventState:
    (event,) = post.webhooks.records.values()
    return event.state


def test_the_declared_delays_are_ten_tries_over_three_days() -> None:
    declared = read_definition()["States"]["DeclareTries"]["Assign"]["delays"]
    assert tuple(declared) == DELAYS
    assert len(declared) == 10
    assert 3 * 24 * HOUR < sum(declared) * 1000 < 3.1 * 24 * HOUR


def test_what_is_taken_at_once_costs_four_transitions(post: Post) -> None:
    assert deliver(post).visited == ["DeclareTries", "SendWebhook", "IsEventSettled", "EventSettled"]


def test_the_third_try_may_succeed(post: Post) -> None:
    post.endpoint.answers.extend([None, 500])
    assert deliver(post).visits("SendWebhook") == len(post.endpoint.got) == 3
    assert state_of(post) is EventState.DELIVERED
    assert post.clock.now() - START == 65_000 + 3_250


def test_ten_failures_are_ten_tries_and_the_end(post: Post) -> None:
    post.endpoint.answers.extend([500] * 20)
    walk = deliver(post)
    assert walk.visits("SendWebhook") == len(post.endpoint.got) == 10
    assert walk.visits("EventSettled") == 1
    assert state_of(post) is EventState.FAILED
    assert walk.transitions <= 31
    assert walk.events < 300


def test_410_ends_it_at_once(post: Post) -> None:
    post.endpoint.answers.append(410)
    walk = deliver(post)
    assert (walk.visits("SendWebhook"), walk.visits("EventSettled")) == (1, 1)
    assert state_of(post) is EventState.FAILED


def test_a_worker_that_is_lost_after_sending_leaves_a_try_behind_and_the_next_in_its_time(post: Post) -> None:
    crashed: list[int] = []

    def lost() -> None:
        if not crashed:
            crashed.append(1)
            raise MemoryError("killed before the answer came")

    post.endpoint.before_answer = lost
    deliver(post)
    assert len(post.endpoint.got) == 2
    assert post.clock.now() >= START + 5_000
    (event,) = post.webhooks.records.values()
    assert [one.status for one in post.webhooks.attempts("acme", event.id)] == [None, 204]


def test_a_task_that_keeps_failing_leaves_the_event_to_the_sweep(post: Post) -> None:
    event = post.announced()

    def fails(given: dict[str, Any]) -> Any:
        raise ConnectionError("table unreachable")

    with pytest.raises(ExecutionFailed, match=r"Giftline\.LeftToSweep"):
        DeliveryWalk({"send_webhook": fails}, post.clock).deliver({"tenant": "acme", "event_id": event.id, "run": 0})
    post.clock.pass_(HOUR)
    assert post.sweep_events() == {"due": 1, "started": 1}
    assert post.deliveries.started[-1] == ("acme", event.id, 1)
    deliver(post, run=1)
    assert state_of(post) is EventState.DELIVERED


def test_a_machine_that_is_told_again_for_ever_ends(post: Post) -> None:
    def again(given: dict[str, Any]) -> Any:
        return {"found": "again", "wait_until": "2025-06-15T15:06:40.000Z"}

    walk = DeliveryWalk({"send_webhook": again}, post.clock)
    with pytest.raises(ExecutionFailed):
        walk.deliver({"tenant": "acme", "event_id": "evt_1", "run": 0})
    assert walk.visits("SendWebhook") == 10
