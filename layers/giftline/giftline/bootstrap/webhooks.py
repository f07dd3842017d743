"""Wires ports to adapters for webhooks.

Imports stand inside the functions: # why: as in giftline.bootstrap
"""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

from giftline.bootstrap.resources import CLOCK, accounts, client, settings, timing

if TYPE_CHECKING:
    from giftline.delivery.sending import SendWebhook
    from giftline.delivery.signing_secrets import SigningSecrets
    from giftline.delivery.sweeping import SweepEvents
    from giftline.doors.webhooks import WebhooksDoor
    from giftline.storage.deliveries import StepFunctionsDeliveries
    from giftline.storage.webhooks import DynamoWebhooks


def send_webhook() -> SendWebhook:
    from giftline.delivery.sending import SendWebhook  # why: cold start
    from giftline.delivery.webhook_http import WebhookHttp  # why: cold start

    sender = WebhookHttp(settings().allow_local)
    return SendWebhook(webhooks(), sender, signing_secrets(), CLOCK, timing(), random.random)


def sweep_webhooks() -> SweepEvents:
    from giftline.delivery.sweeping import SweepEvents  # why: cold start

    return SweepEvents(webhooks(), deliveries(), CLOCK, timing())


def webhooks_door() -> WebhooksDoor:
    from giftline.delivery.listing import ListEvents, ViewEvent  # why: cold start
    from giftline.delivery.resending import ResendEvent, ResendFailed  # why: cold start
    from giftline.doors.webhooks import WebhooksDoor  # why: cold start

    resend = ResendEvent(webhooks(), deliveries(), CLOCK, timing())
    resend_failed = ResendFailed(webhooks(), resend)
    listed, viewed = ListEvents(webhooks()), ViewEvent(webhooks())
    return WebhooksDoor(accounts(), listed, viewed, resend, resend_failed, signing_secrets(), CLOCK)


@cache
def webhooks() -> DynamoWebhooks:
    from giftline.storage.webhooks import DynamoWebhooks  # why: cold start

    return DynamoWebhooks(client("dynamodb"), settings().need("webhooks_table"))


@cache
def deliveries() -> StepFunctionsDeliveries:
    from giftline.storage.deliveries import StepFunctionsDeliveries  # why: cold start

    return StepFunctionsDeliveries(client("stepfunctions"), settings().need("deliver_webhook_arn"))


@cache
def signing_secrets() -> SigningSecrets:
    from giftline.delivery.signing_secrets import SigningSecrets  # why: cold start
    from giftline.storage.webhook_secrets import KmsSecretKeeper  # why: cold start

    keeper = KmsSecretKeeper(client("kms"), settings().need("data_key_id"), CLOCK)
    return SigningSecrets(webhooks(), keeper, CLOCK, timing())
