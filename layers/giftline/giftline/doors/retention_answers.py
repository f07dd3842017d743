"""What is told of retention: rules, and what was removed; never what it was."""

from __future__ import annotations

from typing import Any

from giftline.orders.retention_ports import Removal, RetentionRule
from giftline.orders.retention_setting import RetentionSet
from giftline.orders.timing import timestamp


def rule(one: RetentionRule) -> dict[str, Any]:
    """`days` null: the cards are kept."""
    return {"tenant": one.tenant, "days": one.days, "setAt": timestamp(one.set_at), "setBy": one.set_by}


def rule_set(found: RetentionSet, *, dry_run: bool) -> dict[str, Any]:
    """`due`: orders that the next runs take by this rule; `dueIsMore` where there are more than were counted."""
    return rule(found.rule) | {"dryRun": dry_run, "due": found.due, "dueIsMore": found.is_more}


def removal(one: Removal) -> dict[str, Any]:
    """`finishedAt` is null while it is under way: nobody can read the cards since it began."""
    return {
        "orderId": one.order_id,
        "days": one.days,
        "ruleSetBy": one.rule_set_by,
        "retainedUntil": timestamp(one.retained_until),
        "begunAt": timestamp(one.begun_at),
        "finishedAt": timestamp(one.finished_at) if one.finished_at else None,
        "cards": one.cards,
        "pages": one.pages,
        "files": len(one.files) + len(one.dropped),
    }
