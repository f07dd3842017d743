"""What a tenant's backend is told of a standing order that was paused because nothing could be ordered."""

from __future__ import annotations

import json
from typing import Final

from giftline.delivery.events import WebhookEvent, new_event
from giftline.standing.model import Firing, StandingOrder
from giftline.standing.times import Millis

PAUSED: Final = "standing_order.paused"


def paused_event(standing: StandingOrder, firing: Firing, due_at: Millis) -> WebhookEvent | None:
    """Made of what is recorded of the firing, so that it is the same whoever makes it; None where nobody is to be told:
    the standing order itself shows why.
    """
    if not standing.webhook_url:
        return None
    body = {
        "status": PAUSED,
        "standing_order_id": standing.id,
        "name": standing.name,
        "cause": firing.cause,
        "reason": firing.reason,
        "scheduled_for": firing.local,
        "refno": standing.refno(firing.at),
    }
    text = json.dumps(body)
    return new_event(standing.tenant, standing.id, standing.webhook_url, text, firing.decided_at, due_at)
