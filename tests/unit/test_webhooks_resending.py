"""Sending again: one event, all that failed in a range, and what the sweep finds without an execution."""

from __future__ import annotations

from dataclasses import replace

import pytest

from giftline.delivery import resending
from giftline.delivery.events import EventState, WebhookEvent
from giftline.delivery.sending import Found
from giftline.delivery.sweeping import MAX_RUNS, SWEEP_LIMIT
from giftline.errors import GiftlineError, NotFound, StaleWrite
from giftline.orders.timing import HOUR, SWEEP_AFTER
from tests.fakes.time import START
from tests.fakes.webhooks import DELAYS, Post, an_event


@pytest.fixture
def post() -> Post:
    return Post()


def send(post: Post, event: WebhookEvent) -> Found:
    return post.send_webhook(event.tenant, event.id, post.now(event).runs, DELAYS).found


def failed(post: Post, subject: str, at: int = START) -> WebhookEvent:
    event = post.webhooks.add(an_event(subject, at=at))
    return post.webhooks.save(replace(event, state=EventState.FAILED, tries=10, last_status=503, due_at=None))


# --- one


def test_a_failed_event_gets_all_its_tries_anew_under_its_id(post: Post) -> None:
    event = failed(post, "B1")
    again = post.resend_event("acme", event.id)
    assert (again.id, again.state, again.runs, again.tries_now) == (event.id, EventState.PENDING, 1, 0)
    assert post.deliveries.started == [("acme", event.id, 1)]
    post.endpoint.answers.extend([500] * 9)
    found = []
    for _ in range(10):
        found.append(send(post, event))
        post.clock.pass_(40 * HOUR)
    assert found == [Found.AGAIN] * 9 + [Found.DELIVERED]
    assert [one.number for one in post.webhooks.attempts("acme", event.id)] == list(range(11, 21))


def test_a_resend_enables_the_endpoint_that_said_410(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.append(410)
    assert send(post, event) is Found.DISABLED
    post.resend_event("acme", event.id)
    assert send(post, event) is Found.DELIVERED


def test_a_delivered_event_may_be_sent_again(post: Post) -> None:
    event = post.announced()
    send(post, event)
    post.resend_event("acme", event.id)
    assert send(post, event) is Found.DELIVERED
    assert len(post.endpoint.got) == 2


def test_an_event_that_waits_is_sent_at_once_and_its_old_run_sends_nothing(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.append(500)
    send(post, event)
    post.resend_event("acme", event.id)
    assert post.send_webhook("acme", event.id, 0, DELAYS).found is Found.GONE
    assert send(post, event) is Found.DELIVERED


def test_an_event_of_another_tenant_is_not_found_and_not_sent(post: Post) -> None:
    event = failed(post, "B1")
    with pytest.raises(NotFound):
        post.resend_event("another", event.id)
    assert post.deliveries.started == []


def test_a_resend_whose_start_was_lost_is_swept_up(post: Post) -> None:
    event = failed(post, "B1")
    post.deliveries.broken = True
    with pytest.raises(ConnectionError):
        post.resend_event("acme", event.id)
    post.deliveries.broken = False
    post.clock.pass_(SWEEP_AFTER)
    assert post.sweep_events() == {"due": 1, "started": 1}
    assert send(post, event) is Found.DELIVERED


# --- a range


def test_all_that_failed_in_a_range_is_resent_part_by_part(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resending, "AT_ONCE", 2)
    events = [failed(post, f"B{n}", at=START + n) for n in range(7)]
    post.announced("pending")
    first = post.resend_failed("acme", START + 1, START + 6)
    second = post.resend_failed("acme", START + 1, START + 6, first.next)
    third = post.resend_failed("acme", START + 1, START + 6, second.next)
    resent = [event.id for part in (first, second, third) for event in part.events]
    assert resent == [event.id for event in events[5:0:-1]]
    assert third.next == ""
    assert [post.now(event).state for event in (events[0], events[6])] == [EventState.FAILED] * 2


def test_calling_again_without_next_resends_nothing_twice(post: Post) -> None:
    failed(post, "B1")
    assert len(post.resend_failed("acme", 0, START * 2).events) == 1
    assert post.resend_failed("acme", 0, START * 2).events == ()
    assert len(post.deliveries.started) == 1


def test_an_event_that_moves_meanwhile_stops_no_other(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    moving, other = failed(post, "B1"), failed(post, "B2", at=START + 1)
    save = post.webhooks.save

    def racing(event: WebhookEvent) -> WebhookEvent:
        if event.id == moving.id:
            raise StaleWrite("moved")
        return save(event)

    monkeypatch.setattr(post.webhooks, "save", racing)
    assert [event.id for event in post.resend_failed("acme", 0, START * 2).events] == [other.id]


# --- the sweep


def test_what_was_never_started_is_swept_up(post: Post) -> None:
    event = post.webhooks.add(an_event())
    assert post.sweep_events() == {"due": 0, "started": 0}
    post.clock.pass_(SWEEP_AFTER)
    assert post.sweep_events() == {"due": 1, "started": 1}
    assert post.deliveries.started == [("acme", event.id, 1)]
    assert post.sweep_events() == {"due": 0, "started": 0}


def test_what_waits_for_its_next_try_is_left_alone_and_what_missed_it_is_not(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.extend([500] * 8)
    for _ in range(8):
        wait_until = post.send_webhook("acme", event.id, 0, DELAYS).wait_until
        post.clock.time = wait_until - 1
        assert post.sweep_events()["due"] == 0
        post.clock.time = wait_until
    post.clock.pass_(HOUR)
    assert post.sweep_events() == {"due": 1, "started": 1}
    assert send(post, event) is Found.DELIVERED
    assert post.sweep_events() == {"due": 0, "started": 0}


def test_one_events_trouble_is_not_the_others(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = post.webhooks.add(an_event("B1")), post.webhooks.add(an_event("B2"))
    post.clock.pass_(HOUR)
    get = post.webhooks.get

    def failing(tenant: str, event_id: str) -> WebhookEvent:
        if event_id == bad.id:
            raise ConnectionError
        return get(tenant, event_id)

    monkeypatch.setattr(post.webhooks, "get", failing)
    with pytest.raises(GiftlineError, match=bad.id):
        post.sweep_events()
    assert post.deliveries.started == [("acme", good.id, 1)]


def test_an_event_that_no_run_brings_to_its_end_has_failed_and_can_be_resent(post: Post) -> None:
    event = post.webhooks.add(replace(an_event(), runs=MAX_RUNS))
    post.clock.pass_(HOUR)
    assert post.sweep_events() == {"due": 1, "started": 0}
    assert post.now(event).state is EventState.FAILED
    post.resend_event("acme", event.id)
    assert send(post, event) is Found.DELIVERED


def test_a_sweep_is_bounded(post: Post) -> None:
    for number in range(SWEEP_LIMIT + 20):
        post.webhooks.add(an_event(f"B{number}"))
    post.clock.pass_(HOUR)
    assert post.sweep_events()["started"] == SWEEP_LIMIT
    assert post.sweep_events()["started"] == 20
