"""A tenant's signing secret: made once, sealed, changed without a gap, and shown by no repr."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from giftline.delivery.attempts import SealedSecrets
from giftline.delivery.signing_secrets import new_signing_secret
from giftline.errors import Refused
from giftline.orders.timing import HOUR
from giftline.secret import Secret
from tests.fakes.webhooks import FakeWebhooks, Post


@pytest.fixture
def post() -> Post:
    return Post()


def test_a_new_secret_is_32_random_bytes_in_the_standards_form() -> None:
    first, second = new_signing_secret().reveal(), new_signing_secret().reveal()
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32
    assert first != second


def test_a_secret_is_made_at_the_first_look_and_stays(post: Post) -> None:
    first = post.signing_secrets("acme")
    assert post.signing_secrets("acme") == first
    assert post.signing_secrets("another").current != first.current
    assert first.previous is None


def test_two_who_come_first_at_once_get_the_same(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    found = FakeWebhooks.secrets
    looks: list[str] = []

    def secrets(webhooks: FakeWebhooks, tenant: str) -> SealedSecrets | None:
        looks.append(tenant)
        if len(looks) == 1:
            before = post.keeper.seal(tenant, Secret("whsec_of_the_other"))
            webhooks.save_secrets(SealedSecrets(tenant, before, 1))
            return None
        return found(webhooks, tenant)

    monkeypatch.setattr(FakeWebhooks, "secrets", secrets)
    assert post.signing_secrets("acme").current == Secret("whsec_of_the_other")


def test_after_a_rotation_both_sign_for_a_day_and_then_the_new_one_alone(post: Post) -> None:
    old = post.signing_secrets("acme").current
    rotated = post.signing_secrets.rotate("acme")
    assert rotated.secrets == (rotated.current, old)
    assert rotated.current != old
    post.clock.pass_(24 * HOUR - 1)
    assert post.signing_secrets("acme") == rotated
    post.clock.pass_(1)
    assert post.signing_secrets("acme").secrets == (rotated.current,)


def test_a_rotation_is_refused_while_two_sign_and_goes_after_that(post: Post) -> None:
    first = post.signing_secrets.rotate("acme")
    with pytest.raises(Refused, match="still signs until"):
        post.signing_secrets.rotate("acme")
    post.clock.pass_(24 * HOUR)
    assert post.signing_secrets.rotate("acme").secrets[1] == first.current


def test_the_day_is_scaled_as_the_rules_are(post: Post) -> None:
    post.timing = replace(post.timing, scale=0.001)
    until = post.signing_secrets.rotate("acme").previous_until
    assert until == post.clock.now() + 24 * HOUR // 1000


def test_nothing_that_is_kept_or_printed_shows_a_secret(post: Post) -> None:
    signing = post.signing_secrets.rotate("acme")
    shown = repr((signing, post.webhooks.sealed, post.signing_secrets)) + f"{signing} {signing.current!s}"
    for secret in signing.secrets:
        assert secret.reveal() not in shown
        assert secret.reveal().removeprefix("whsec_")[::-1] not in shown
