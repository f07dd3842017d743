"""What the API functions share: a use case's errors become answers, and answers what the gateway takes."""

from __future__ import annotations

from collections.abc import Callable

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from giftline.doors.answers import Reply, error_reply
from giftline.doors.content import Content
from giftline.errors import GiftlineError

Answer = Reply | Content
ApiResponse = Response[str] | Response[bytes]


def new_app(refuse: Callable[[GiftlineError], Answer] = error_reply) -> APIGatewayRestResolver:
    """A resolver that answers our own errors by `refuse`, in the words of the door's document."""
    app = APIGatewayRestResolver()
    app.exception_handler(GiftlineError)(lambda error: respond(refuse(error)))
    return app


def respond(answer: Answer) -> ApiResponse:
    if isinstance(answer, Content):
        return Response(answer.status, answer.content_type, answer.content, dict(answer.headers))
    return Response(answer.status, "application/json", answer.text, dict(answer.headers))
