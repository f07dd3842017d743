"""An answer, and what becomes of it on its way to the client."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response

from sandbox.clock import Clock
from sandbox.connections import ConnectionDropped
from sandbox.faults import Fault
from sandbox.settings import Settings
from sandbox.wpay.refusals import Refused

RETRYABLE = "GC-5555"
RETRY_AFTER_SECONDS = "1"


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is what the supplier means to say; `fault` is what happens to it."""

    status: int
    body: Mapping[str, object]
    fault: Fault | None = None


def refusal(refused: Refused, fault: Fault | None = None) -> Answer:
    return Answer(refused.status, error_body(refused.code, refused.message), fault)


def nothing_done(fault: Fault) -> Answer:
    """For a fault that strikes before anything is done; its own answer takes the place of this one."""
    return Answer(500, {}, fault)


def error_body(code: int | str, message: str) -> dict[str, object]:
    return {"code": code, "message": message, "messages": []}


def send(answer: Answer, clock: Clock, settings: Settings) -> Response:
    """The answer as the client sees it; raises ConnectionDropped where it is to see none."""
    match answer.fault:
        case Fault.DROP_BEFORE | Fault.DROP_AFTER:
            raise ConnectionDropped(answer.fault)
        case Fault.ERROR_BEFORE | Fault.ERROR_AFTER:
            return as_json(500, error_body(RETRYABLE, "Something went wrong, please try again"))
        case Fault.UNAVAILABLE:
            return as_json(503, error_body(RETRYABLE, "Service unavailable"))
        case Fault.THROTTLED:
            response = as_json(429, error_body(429, "Too many requests"))
            response.headers["Retry-After"] = RETRY_AFTER_SECONDS
            return response
        case Fault.HTML:
            return Response("<html><body><h1>We will be back soon</h1></body></html>", mimetype="text/html")
        case Fault.TRUNCATED:
            whole = as_json(answer.status, answer.body).get_data()
            return Response(whole[: len(whole) // 2], answer.status, mimetype="application/json")
        case Fault.HANG:
            clock.sleep(settings.hang_seconds)
        case Fault.SLOW:
            clock.sleep(settings.slow_seconds)
    return as_json(answer.status, answer.body)


def as_json(status: int, body: Mapping[str, object]) -> Response:
    """Keys stay in the order of the document."""
    return Response(json.dumps(body), status, mimetype="application/json")
