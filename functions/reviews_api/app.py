"""The operators' calls: what is in review, and one act on one lot of it."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from giftline import bootstrap
from giftline.doors.answers import Reply, error_reply
from giftline.errors import GiftlineError

app = APIGatewayRestResolver()
door = bootstrap.reviews_door()


def respond(reply: Reply) -> Response[str]:
    return Response(reply.status, "application/json", reply.text, dict(reply.headers))


@app.get("/v1/reviews")
def list_reviews() -> Response[str]:
    return respond(door.list(app.current_event))


@app.post("/v1/reviews/<order_id>/<lot>")
def resolve_review(order_id: str, lot: str) -> Response[str]:
    return respond(door.resolve(app.current_event, order_id, lot))


@app.exception_handler(GiftlineError)  # type: ignore[untyped-decorator]  # Powertools gives it none
def refuse(error: GiftlineError) -> Response[str]:
    return respond(error_reply(error))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
