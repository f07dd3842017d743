"""A worker may be lost at any call of a port: the event arrives, each try has a record, none is too many."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.delivery.events import EventState, WebhookEvent
from giftline.delivery.sending import Found
from giftline.orders.timing import MINUTE
from tests.fakes.webhooks import DELAYS, Post

MOST_STEPS = 400


class Killed(BaseException):
    """The process is gone: nothing catches that."""


@dataclass
class Deadly:
    """A port whose calls kill the worker, before or after their work, where the plan says so."""

    port: Any
    plan: list[str]
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def call(*given: Any, **named: Any) -> Any:
            self.calls.append(name)
            fate = self.plan.pop(0) if self.plan else "lives"
            if fate == "before":
                raise Killed
            result = getattr(self.port, name)(*given, **named)
            if fate == "after":
                raise Killed
            return result

        return call


def live(post: Post, event: WebhookEvent, plan: list[str]) -> None:
    """Executions, their retries, and the sweep, until nobody has anything to do."""
    ports: list[Any] = [post.webhooks, post.keeper, post.endpoint, post.deliveries]
    webhooks, keeper, endpoint, deliveries = (Deadly(port, plan) for port in ports)
    deadly = Post(post.clock, post.timing, webhooks, keeper, endpoint, deliveries)  # type: ignore[arg-type]
    for _ in range(MOST_STEPS):
        if post.now(event).state is not EventState.PENDING:
            return
        try:
            sent = deadly.send_webhook(event.tenant, event.id, post.deliveries.started[-1][2], DELAYS)
            if sent.found is Found.AGAIN:
                post.clock.time = max(post.clock.time, sent.wait_until)
                continue
            deadly.sweep_events()
        except Killed:
            pass
        post.clock.pass_(MINUTE)
    raise AssertionError("no end")


FATES = st.lists(st.sampled_from(["lives", "lives", "before", "after"]), max_size=60)


@settings(max_examples=300, deadline=None)
@given(fates=FATES, refusals=st.integers(0, 12))
def test_whatever_is_killed_tries_are_recorded_and_bounded(fates: list[str], refusals: int) -> None:
    post = Post()
    event = post.announced()
    post.endpoint.answers.extend([500] * refusals)
    live(post, event, fates)
    after, attempts = post.now(event), post.webhooks.attempts(event.tenant, event.id)
    assert len(post.endpoint.got) <= after.tries == len(attempts) <= len(DELAYS)
    assert [one.number for one in attempts] == list(range(1, after.tries + 1))
    assert {headers["webhook-id"] for _, _, headers in post.endpoint.got} <= {event.id}
    if after.state is EventState.DELIVERED:
        assert len(post.endpoint.got) > refusals


@pytest.mark.parametrize("fate", ["before", "after"])
@pytest.mark.parametrize("at", range(12))
def test_one_kill_at_any_call_and_the_event_arrives(at: int, fate: str) -> None:
    post = Post()
    event = post.announced()
    live(post, event, ["lives"] * at + [fate])
    assert post.now(event).state is EventState.DELIVERED
    assert 1 <= len(post.endpoint.got) <= 2


@settings(max_examples=100, deadline=None)
@given(fates=st.lists(st.sampled_from(["lives", "before", "after"]), max_size=9))
def test_with_fewer_kills_than_tries_it_arrives(fates: list[str]) -> None:
    post = Post()
    event = post.announced()
    live(post, event, fates)
    assert post.now(event).state is EventState.DELIVERED
    assert post.endpoint.got
