"""What a call asks a standing order to be: every wrong field at once, its order as the Wpay document has orders."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from giftline.doors.calls import exact, read_object, unknown_fields, wrong
from giftline.doors.standing_schedule import parse_date, parse_schedule, parse_skips
from giftline.doors.wpay_requests import read_order
from giftline.errors import FieldProblem, InvalidRequest
from giftline.orders.catalogue import Catalogue
from giftline.orders.model import OrderRequest
from giftline.standing.model import StandingRequest

MAX_BODY: Final = 256 * 1024
MAX_NAME: Final = 100
FIELDS: Final = ("name", "order", "schedule", "start", "end", "skip")
ANY_REFNO: Final = "standing"
"""Takes the place of the refno that each time has of its own."""

UrlProblem = Callable[[str], str]
"""Empty where a webhook may go to that URL; else what was wrong, and what is expected."""


def parse_standing(
    tenant: str, text: str, catalogue: Catalogue, url_problem: UrlProblem | None = None
) -> StandingRequest:
    """TooLarge, or InvalidRequest naming every wrong field. Without `url_problem` no webhook_url is taken."""
    body = read_object(text, MAX_BODY, "a JSON object with name, order and schedule", exact)
    problems: list[FieldProblem] = []
    name = _name(body.get("name"), problems)
    order = _order(tenant, body.get("order"), catalogue, url_problem, problems)
    recurrence = parse_schedule(body.get("schedule"), problems)
    start, end = (parse_date(body.get(field), field, problems) for field in ("start", "end"))
    if start and end and end < start:
        problems.append(wrong("end", str(end), f"a date from the start of {start} on"))
    skips = parse_skips(body.get("skip"), problems)
    problems += unknown_fields(body, FIELDS)
    if problems or recurrence is None or order is None:
        raise InvalidRequest(problems)
    return StandingRequest(tenant, name, order.lines, recurrence, start, end, skips, order.webhook_url)


def _name(value: Any, problems: list[FieldProblem]) -> str:
    if isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) == len(value) <= MAX_NAME:
        return value
    problems.append(wrong("name", value, f"1 to {MAX_NAME} printable characters, yours alone, without space around"))
    return ""


def _order(
    tenant: str, value: Any, catalogue: Catalogue, url_problem: UrlProblem | None, problems: list[FieldProblem]
) -> OrderRequest | None:
    """By the rules of the Wpay door, so that what is taken here is taken there at each of its times."""
    if not isinstance(value, dict):
        problems.append(wrong("order", value, "an object with payments and products, as of an order without refno"))
        return None
    if "refno" in value:
        expected = "no such field: each time has a refno of its own"
        problems.append(wrong("order.refno", value["refno"], expected))
    if value.get("syncOnly", False) is not False:
        expected = "false, or no such field: nobody waits for it"
        problems.append(wrong("order.syncOnly", value["syncOnly"], expected))
    whole = value | {"refno": ANY_REFNO, "syncOnly": False}
    try:
        return read_order(tenant, whole, catalogue, url_problem)
    except InvalidRequest as error:
        problems += [
            FieldProblem(f"order.{problem.field}", problem.problem, problem.expected, problem.code)
            for problem in error.problems
        ]
        return None
