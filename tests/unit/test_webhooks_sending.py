"""One try: counted before it is sent, signed, judged by its answer, and recorded."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, tzinfo
from typing import Any, Self

import pytest
from standardwebhooks import Webhook

from giftline.delivery.attempts import UNFINISHED
from giftline.delivery.events import EventState, WebhookEvent
from giftline.delivery.sending import DISABLED, LOST_AFTER, TASK_TAKES, Found, Sent
from giftline.delivery.signing import USER_AGENT
from giftline.orders.timing import HOUR, SECOND
from tests.fakes.time import START, FakeClock
from tests.fakes.webhooks import DELAYS, URL, Post


@pytest.fixture
def post() -> Post:
    return Post()


def send(post: Post, event: WebhookEvent) -> Sent:
    return post.send_webhook(event.tenant, event.id, event.runs, DELAYS)


def verify_at(monkeypatch: pytest.MonkeyPatch, clock: FakeClock) -> None:
    """The receivers' library asks the machine's clock; here it gets the test's."""

    class Now(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            return cls.fromtimestamp(clock.now() / 1000, tz)

    monkeypatch.setattr("standardwebhooks.webhooks.datetime", Now)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_any_2xx_is_delivered(post: Post, status: int) -> None:
    event = post.announced()
    post.endpoint.answers.append(status)
    assert send(post, event).found is Found.DELIVERED
    after = post.now(event)
    assert (after.state, after.tries, after.last_status, after.due_at) == (EventState.DELIVERED, 1, status, None)
    assert post.webhooks.due(START * 2, 10) == []


@pytest.mark.parametrize("status", [100, 199, 300, 301, 302, 307, 308, 400, 404, 429, 500, 503, None])
def test_anything_else_is_tried_again_after_its_delay(post: Post, status: int | None) -> None:
    event = post.announced()
    post.endpoint.answers.append(status)
    sent = send(post, event)
    assert (sent.found, sent.wait_until) == (Found.AGAIN, START + 5 * SECOND + 250)
    after = post.now(event)
    assert (after.state, after.tries, after.last_status) == (EventState.PENDING, 1, status)
    assert after.due_at == sent.wait_until + TASK_TAKES + LOST_AFTER
    (attempt,) = post.webhooks.attempts(event.tenant, event.id)
    assert (attempt.number, attempt.at, attempt.status, attempt.milliseconds) == (1, START, status, 12)
    assert attempt.problem


def test_a_redirect_is_said_to_be_no_way_on(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.append(302)
    send(post, event)
    assert post.now(event).last_problem == "answered 302; redirects are not followed; expected 2xx"


def test_the_receivers_library_takes_what_is_sent(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    event = post.announced()
    send(post, event)
    ((url, body, headers),) = post.endpoint.got
    assert (url, body.decode()) == (URL, event.body)
    assert headers["webhook-id"] == event.id
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == USER_AGENT
    verify_at(monkeypatch, post.clock)
    secret = post.signing_secrets("acme").current.reveal()
    link = "https://api.example/B1"
    assert Webhook(secret).verify(body, headers) == {"status": "success", "batch_id": "B1", "link": link}


def test_every_try_has_the_same_id_and_its_own_time(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.extend([500, 500])
    for _ in range(3):
        post.clock.time = max(post.clock.time, send(post, event).wait_until)
    headers = [one[2] for one in post.endpoint.got]
    assert {one["webhook-id"] for one in headers} == {event.id}
    assert len({one["webhook-timestamp"] for one in headers}) == 3


def test_during_a_rotation_both_secrets_open_it(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    old = post.signing_secrets("acme").current.reveal()
    new = post.signing_secrets.rotate("acme").current.reveal()
    verify_at(monkeypatch, post.clock)
    send(post, post.announced("B1"))
    _, body, headers = post.endpoint.got[-1]
    assert Webhook(old).verify(body, headers)
    assert Webhook(new).verify(body, headers)
    post.clock.pass_(24 * HOUR)
    send(post, post.announced("B2"))
    _, body, headers = post.endpoint.got[-1]
    assert Webhook(new).verify(body, headers)
    assert len(headers["webhook-signature"].split()) == 1


def test_ten_tries_and_no_eleventh(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.extend([503] * 20)
    found = []
    for _ in range(12):
        sent = send(post, event)
        found.append(sent.found)
        post.clock.time = max(post.clock.time, sent.wait_until)
    assert found == [Found.AGAIN] * 9 + [Found.GIVEN_UP] + [Found.GONE] * 2
    assert len(post.endpoint.got) == len(post.webhooks.attempts(event.tenant, event.id)) == 10
    assert post.now(event).state is EventState.FAILED
    assert 2.9 < (post.clock.now() - START) / (24 * HOUR) < 3.4


def test_a_worker_lost_in_the_tenth_try_makes_no_eleventh(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.extend([503] * 20)
    for _ in range(9):
        post.clock.time = send(post, event).wait_until

    def lost() -> None:
        raise MemoryError

    post.endpoint.before_answer = lost
    with pytest.raises(MemoryError):
        send(post, event)
    assert send(post, event).found is Found.GIVEN_UP
    assert len(post.endpoint.got) == 10
    assert (post.now(event).state, post.now(event).last_problem) == (EventState.FAILED, UNFINISHED)


def test_410_disables_the_endpoint_and_later_events_are_not_sent_there(post: Post) -> None:
    event = post.announced("B1")
    post.endpoint.answers.append(410)
    assert send(post, event).found is Found.DISABLED
    later = post.announced("B2")
    assert send(post, later).found is Found.DISABLED
    assert len(post.endpoint.got) == 1
    assert (post.now(later).state, post.now(later).last_problem) == (EventState.FAILED, DISABLED)
    assert send(post, post.announced("B3", url="https://other.example/")).found is Found.DELIVERED
    assert send(post, post.announced("B4", tenant="another")).found is Found.DELIVERED


def test_before_its_time_nothing_is_sent(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.append(500)
    sent = send(post, event)
    post.clock.time = sent.wait_until - 2 * SECOND
    assert send(post, event) == Sent(Found.AGAIN, sent.wait_until)
    post.clock.time = sent.wait_until - SECOND // 2
    assert send(post, event).found is Found.DELIVERED


def test_a_run_that_was_replaced_sends_nothing(post: Post) -> None:
    event = post.announced()
    post.webhooks.save(replace(event, runs=1))
    assert send(post, event).found is Found.GONE
    assert post.endpoint.got == []


def test_an_event_that_nobody_recorded_is_gone(post: Post) -> None:
    assert post.send_webhook("acme", "evt_unknown", 0, DELAYS).found is Found.GONE


def test_a_try_is_counted_before_it_is_sent(post: Post) -> None:
    event = post.announced()
    seen: list[Any] = []
    post.endpoint.before_answer = lambda: seen.append((post.now(event).tries, post.webhooks.attempts("acme", event.id)))
    send(post, event)
    ((tries, (attempt,)),) = seen
    assert (tries, attempt.number, attempt.problem) == (1, 1, UNFINISHED)


def test_a_success_counts_though_the_event_was_moved_meanwhile(post: Post) -> None:
    event = post.announced()

    def swept() -> None:
        stored = post.now(event)
        post.webhooks.save(replace(stored, runs=stored.runs + 1))

    post.endpoint.before_answer = swept
    assert send(post, event).found is Found.DELIVERED
    assert post.now(event).state is EventState.DELIVERED


def test_a_failure_of_a_run_that_was_replaced_changes_nothing_but_its_record(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.append(410)

    def resent() -> None:
        post.resend_event("acme", event.id)

    post.endpoint.before_answer = resent
    assert send(post, event).found is Found.GONE
    after = post.now(event)
    assert (after.state, after.runs, after.tries_now) == (EventState.PENDING, 1, 0)
    assert post.webhooks.attempts("acme", event.id)[0].status == 410
    assert post.webhooks.disabled("acme", event.url) is None


def test_waits_are_scaled_as_the_rules_are(post: Post) -> None:
    post.timing = replace(post.timing, scale=0.01)
    event = post.announced()
    post.endpoint.answers.append(500)
    assert send(post, event).wait_until == START + 53


def test_no_repr_shows_the_urls_query(post: Post) -> None:
    event = post.announced()
    post.endpoint.answers.append(410)
    send(post, event)
    assert "hidden" not in repr(post.webhooks.records) + repr(list(post.webhooks.endpoints.values()))
