"""A tenant's calls on its standing orders, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from giftline.accounts.model import Ability
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Body, Door, Operation, Parameter, Schema
from giftline.doors.openapi.schemas import (
    ANYTHING,
    DAY,
    FLAG,
    MOMENT,
    TEXT,
    listed,
    maybe,
    one_of,
    record,
    ref,
    text,
    whole,
)
from giftline.doors.openapi.wpay import EXAMPLE, order_body
from giftline.doors.standing_listing import DEFAULT_LIMIT, ID_LENGTH, MAX_LIMIT
from giftline.doors.standing_requests import MAX_NAME
from giftline.doors.standing_schedule import DATE, EXPRESSION, HOLIDAY, MAX_DATES, TIME
from giftline.doors.standing_schedule import DAY as DAY_OF_MONTH
from giftline.standing.model import Cause, Outcome, State
from giftline.standing.recurrence import Every, Weekday

PATH: Final = "/v1/standing_orders"
_ID: Final = {"type": "string", "pattern": f"^[A-Z0-9]{{{ID_LENGTH}}}$"}
_OF_PATH: Final = Parameter("standing_id", _ID, "", "path")
_DATE: Final = {"type": "string", "pattern": f"^{DATE.pattern}$", "format": "date"}
_ZONE: Final = {"type": "string", "description": "An IANA time zone.", "examples": ["Europe/Berlin"]}
_EVERY: Final = record(
    {"every": one_of(Every), "at": {"type": "string", "pattern": f"^{TIME.pattern}$"}, "time_zone": _ZONE},
    {
        "on": {
            "anyOf": [listed(one_of(Weekday), minItems=1, maxItems=7), whole(1, 31), {"const": "last"}],
            "description": f"Of a week a list of days; of a month {DAY_OF_MONTH}.",
        }
    },
    additionalProperties=False,
)
_EXPRESSION: Final = record(
    {"expression": {"type": "string", "description": EXPRESSION}, "time_zone": _ZONE}, additionalProperties=False
)
_SCHEDULE: Final = {"anyOf": [_EVERY, _EXPRESSION]}
_SKIP: Final[Mapping[str, Schema]] = {
    "dates": listed(_DATE, maxItems=MAX_DATES),
    "holidays": listed({"type": "string", "description": HOLIDAY}, maxItems=MAX_DATES),
    "weekends": FLAG,
    "if_previous_open": FLAG,
}
_FIRING: Final = record(
    {
        "at": MOMENT,
        "local": TEXT,
        "outcome": one_of(Outcome),
        "refno": maybe(TEXT),
        "order_id": maybe(TEXT),
        "cause": maybe(TEXT),
        "reason": maybe(TEXT),
    }
)
SCHEMAS: Final[Mapping[str, Schema]] = {
    "StandingOrder": record(
        {
            "id": _ID,
            "name": TEXT,
            "state": one_of(State),
            "cause": {"anyOf": [one_of(Cause), {"type": "null"}]},
            "reason": maybe(TEXT),
            "order": ANYTHING,
            "schedule": ANYTHING,
            "start": DAY,
            "end": maybe(DAY),
            "skip": record(_SKIP),
            "created_at": MOMENT,
            "next_at": maybe(MOMENT),
            "is_scheduled": FLAG,
        },
        {"firings": listed(_FIRING, description="The latest of its times, and what came of them.")},
    ),
    "StandingOrders": record({"standing_orders": listed(ref("StandingOrder")), "next": maybe(_ID)}),
}


def _order() -> Schema:
    """The Wpay document's, but each time has a refno of its own."""
    schema = order_body()
    required = [name for name in schema["required"] if name not in ("refno", "syncOnly")]
    return {
        **schema,
        "required": required,
        "properties": {k: v for k, v in schema["properties"].items() if k != "refno"},
    }


_BODY: Final = record(
    {"name": text(MAX_NAME), "order": _order(), "schedule": _SCHEDULE},
    {"start": maybe(_DATE), "end": maybe(_DATE), "skip": maybe(record({}, _SKIP, additionalProperties=False))},
    additionalProperties=False,
)
_EXAMPLE: Final = {
    "name": "birthday cards",
    "order": {name: value for name, value in EXAMPLE.items() if name != "refno"},
    "schedule": {"every": "month", "at": "09:00", "on": "last", "time_zone": "Australia/Sydney"},
    "skip": {"weekends": True},
}


def _call(method: str, path: str, name: str, summary: str, told: str, **more: Any) -> Operation:
    """Of one standing order."""
    return Operation(
        method,
        f"{PATH}/{{standing_id}}{path}",
        name,
        summary,
        {200: Answer(told, ref("StandingOrder"))},
        refuses=(401, 403, 409) if method == "POST" else (401, 403),
        abilities=(Ability.ORDERS_GET if method == "GET" else Ability.ORDERS_STORE,),
        parameters=(_OF_PATH,),
        **more,
    )


STANDING: Final = Door(
    "Standing orders",
    "Orders that come again by a schedule, each time once.",
    "standing_api",
    HOUSE,
    (
        Operation(
            "POST",
            PATH,
            "create_standing_order",
            "Make one",
            {201: Answer("The standing order. The same request again is the same one.", ref("StandingOrder"))},
            refuses=(400, 401, 403, 413),
            abilities=(Ability.ORDERS_STORE,),
            body=Body(_BODY, _EXAMPLE),
        ),
        Operation(
            "GET",
            PATH,
            "list_standing_orders",
            "All of them",
            {200: Answer("A page; `next` leads on.", ref("StandingOrders"))},
            refuses=(400, 401, 403),
            abilities=(Ability.ORDERS_GET,),
            parameters=(
                Parameter("limit", whole(1, MAX_LIMIT), f"{DEFAULT_LIMIT} where it is left out."),
                Parameter("next", _ID, "What the page before gave as next."),
            ),
        ),
        _call("GET", "", "show_standing_order", "One of them", "With its latest times."),
        _call("DELETE", "", "end_standing_order", "End it", "It is ENDED, and can still be read."),
        _call("POST", "/pause", "pause_standing_order", "Pause it", "It is PAUSED."),
        _call("POST", "/resume", "resume_standing_order", "Go on with it", "It is ACTIVE again."),
    ),
    SCHEMAS,
)
