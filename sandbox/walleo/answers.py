"""An answer, and what becomes of it on its way to the client."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response

from sandbox.clock import Clock
from sandbox.connections import ConnectionDropped
from sandbox.faults import Fault
from sandbox.settings import Settings
from sandbox.walleo.refusals import Refused

# From this machine's next second on the window of the rate has room again.
RETRY_AFTER_SECONDS = "1"
# Python calls it differently from 3.13 on.
STATUS_WORDS = {HTTPStatus.UNPROCESSABLE_ENTITY: "unprocessable_entity"}

Body = Mapping[str, object] | list[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Answer:
    """`body` is what the supplier means to say; `fault` is what happens to it."""

    status: int
    body: Body
    fault: Fault | None = None


def refusal(refused: Refused, fault: Fault | None = None) -> Answer:
    return Answer(refused.status, error_body(refused.status, refused.code, refused.message), fault)


def nothing_done(fault: Fault) -> Answer:
    """For a fault that strikes before anything is done; its own answer takes the place of this one."""
    return Answer(HTTPStatus.INTERNAL_SERVER_ERROR, {}, fault)


def error_body(status: int, code: str, message: str) -> dict[str, object]:
    word = STATUS_WORDS.get(HTTPStatus(status), HTTPStatus(status).name.lower())
    return {"errors": [{"code": code, "message": message}], "status": word}


def send(answer: Answer, clock: Clock, settings: Settings) -> Response:
    """The answer as the client sees it; raises ConnectionDropped where it is to see none."""
    match answer.fault:
        case Fault.DROP_BEFORE | Fault.DROP_AFTER:
            raise ConnectionDropped(answer.fault)
        case Fault.ERROR_BEFORE | Fault.ERROR_AFTER:
            return _failed(HTTPStatus.INTERNAL_SERVER_ERROR, "Something went wrong")
        case Fault.UNAVAILABLE:
            return _failed(HTTPStatus.SERVICE_UNAVAILABLE, "Service unavailable")
        case Fault.THROTTLED:
            return too_many_requests()
        case Fault.HTML:
            return Response("<html><body><h1>We will be back soon</h1></body></html>", mimetype="text/html")
        case Fault.TRUNCATED:
            whole = as_json(answer.status, answer.body).get_data()
            return Response(whole[: len(whole) // 2], answer.status, mimetype="application/json")
        case Fault.SLOW:
            clock.sleep(settings.slow_seconds)
    return as_json(answer.status, answer.body)


def too_many_requests() -> Response:
    response = _failed(HTTPStatus.TOO_MANY_REQUESTS, "Too many requests")
    response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def as_json(status: int, body: Body) -> Response:
    """Keys stay in the order of the document."""
    return Response(json.dumps(body), status, mimetype="application/json")


def _failed(status: HTTPStatus, message: str) -> Response:
    return as_json(status, error_body(status, status.name.lower(), message))
