"""What a call on retention asks for: every wrong field at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from giftline.doors.calls import read_object, unknown_fields
from giftline.errors import FieldProblem, InvalidRequest
from giftline.orders.retention_setting import days_problems

MAX_BODY: Final = 4 * 1024
MAX_WHO: Final = 100
FIELDS: Final = ("days", "who", "dryRun")


@dataclass(frozen=True, slots=True)
class RuleRequest:
    """`days` None: the cards are kept. `who` is empty where the token's owner stands for them."""

    days: int | None
    who: str
    dry_run: bool


def parse_rule(text: str) -> RuleRequest:
    """TooLarge, or InvalidRequest naming every wrong field. `days` must stand there: null is no slip."""
    body = read_object(text, MAX_BODY, "a JSON object with days")
    problems = unknown_fields(body, FIELDS)
    if "days" not in body:
        problems.append(FieldProblem("days", "missing", "a number of days, or null to keep the cards"))
    problems += [*days_problems(body.get("days")), *_who_problems(body.get("who"))]
    if not isinstance(body.get("dryRun", False), bool):
        problems.append(FieldProblem("dryRun", f"{body['dryRun']!r:.40}", "true or false"))
    if problems:
        raise InvalidRequest(problems)
    return RuleRequest(body["days"], (body.get("who") or "").strip(), body.get("dryRun", False))


def _who_problems(who: object) -> list[FieldProblem]:
    good = who is None or (isinstance(who, str) and 0 < len(who.strip()) <= MAX_WHO and who.isprintable())
    return [] if good else [FieldProblem("who", f"{who!r:.40}", f"1 to {MAX_WHO} printable characters")]
