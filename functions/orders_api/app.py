"""The Wpay document's calls: place an order, ask for its status, fetch its cards."""

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver, Response
from aws_lambda_powertools.utilities.typing import LambdaContext

from giftline import bootstrap
from giftline.doors.answers import Reply, error_reply
from giftline.errors import GiftlineError

app = APIGatewayRestResolver()
door = bootstrap.wpay_door()


def respond(reply: Reply) -> Response[str]:
    return Response(reply.status, "application/json", reply.text, dict(reply.headers))


@app.post("/v1/partner/giftcards/orders")
def place_order() -> Response[str]:
    event = app.current_event
    return respond(door.place(event.headers, event.body, bool(event.is_base64_encoded)))


@app.get("/v1/partner/giftcards/order/<refno>/status")
def order_status(refno: str) -> Response[str]:
    return respond(door.status(app.current_event.headers, refno))


@app.get("/v1/partner/giftcards/order/<order_id>/cards")
def order_cards(order_id: str) -> Response[str]:
    event = app.current_event
    return respond(door.cards(event.headers, order_id, event.query_string_parameters))


@app.exception_handler(GiftlineError)
def refuse(error: GiftlineError) -> Response[str]:
    return respond(error_reply(error))


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    return app.resolve(event, context)
