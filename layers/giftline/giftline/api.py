"""What the API functions share: a use case's errors become answers, and answers what the gateway takes."""

from __future__ import annotations

import logging
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

    def answer(error: GiftlineError) -> ApiResponse:
        """What is our own fault is told to those who can mend it, and to nobody else."""
        answered = refuse(error)
        if answered.status == 500:
            logging.getLogger(__name__).error("%s: %s", type(error).__name__, error)
        return respond(answered)

    app.exception_handler(GiftlineError)(answer)
    return app


def respond(answer: Answer) -> ApiResponse:
    if isinstance(answer, Content):
        if not answer.content:  # as text: empty bytes that are called JSON would be serialized, and cannot be
            return Response(answer.status, answer.content_type, "", dict(answer.headers))
        return Response(answer.status, answer.content_type, answer.content, dict(answer.headers))
    return Response(answer.status, "application/json", answer.text, dict(answer.headers))
