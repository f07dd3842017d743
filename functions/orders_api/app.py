"""The Wpay document's calls: place an order, ask for its status, fetch its cards."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response

from giftline import bootstrap
from giftline.doors.answers import Reply, error_reply
from giftline.errors import GiftlineError

app = APIGatewayRestResolver()
door = bootstrap.wpay_door()


def respond(reply: Reply) -> Response[str]:
    return Response(reply.status, "application/json", reply.text, dict(reply.headers))


@app.post("/v1/partner/giftcards/orders")
def place_order() -> Response[str]:
    return respond(door.place(app.current_event))


@app.get("/v1/partner/giftcards/order/<refno>/status")
def order_status(refno: str) -> Response[str]:
    return respond(door.status(app.current_event, refno))


@app.get("/v1/partner/giftcards/order/<order_id>/cards")
def order_cards(order_id: str) -> Response[str]:
    return respond(door.cards(app.current_event, order_id))


@app.exception_handler(GiftlineError)  # type: ignore[untyped-decorator]  # Powertools gives it none
def refuse(error: GiftlineError) -> Response[str]:
    return respond(error_reply(error))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)
