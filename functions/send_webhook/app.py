"""One try to deliver one event to a tenant's backend."""

from typing import Any

from giftline.bootstrap import webhooks

send_webhook = webhooks.send_webhook()


def handler(event: dict[str, Any], context: object) -> dict[str, str]:
    sent = send_webhook(event["tenant"], event["event_id"], event["run"], event["delays"])
    return sent.as_state()
