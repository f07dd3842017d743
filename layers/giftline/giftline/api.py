"""What the API functions share: a use case's errors become answers, and answers what the gateway takes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from giftline.doors.answers import Reply, error_reply
from giftline.doors.content import Content
from giftline.errors import GiftlineError, NotFound

Answer = Reply | Content
ApiResponse = Response[str] | Response[bytes]
Routes = Mapping[str, Callable[..., Answer]]
"""By method and path, such as "GET /v1/brands/<brand_id>": what takes the call, and the path's names in their order."""


def new_app(refuse: Callable[[GiftlineError], Answer] = error_reply) -> APIGatewayRestResolver:
    """A resolver that answers our own errors by `refuse`, in the words of the door's document."""
    app = APIGatewayRestResolver()

    def answer(error: GiftlineError) -> ApiResponse:
        """What is our own fault is told to those who can mend it, and to nobody else."""
        answered = refuse(error)
        if answered.status == 500:
            logging.getLogger(__name__).error("%s: %s", type(error).__name__, error)
        return respond(answered)

    def nothing(_: Exception) -> ApiResponse:
        """The gateway let the path through, but no route takes it: it holds what no name of ours does."""
        return respond(refuse(NotFound("nothing here has this path")))

    app.exception_handler(GiftlineError)(answer)
    app.not_found(nothing)
    return app


def serve(routes: Routes, refuse: Callable[[GiftlineError], Answer] = error_reply) -> APIGatewayRestResolver:
    """An app of routes that all lead to doors alike."""
    app = new_app(refuse)

    def answering(take: Callable[..., Answer]) -> Callable[..., ApiResponse]:
        return lambda **names: respond(take(app.current_event, *names.values()))

    for route, take in routes.items():
        method, path = route.split()
        app.route(path, method=method)(answering(take))
    return app


def respond(answer: Answer) -> ApiResponse:
    if isinstance(answer, Content):
        # as text: bytes go out in base64, which an API of texts does not turn back; and empty bytes that are called
        # JSON would be serialized, and cannot be
        if not answer.content or answer.content_type.startswith("text/"):
            return Response(answer.status, answer.content_type, answer.content.decode(), dict(answer.headers))
        return Response(answer.status, answer.content_type, answer.content, dict(answer.headers))
    return Response(answer.status, "application/json", answer.text, dict(answer.headers))
