"""The Wpay document's calls: place an order, ask for its status, fetch its cards."""

from giftline import bootstrap
from giftline.api import ApiResponse, new_app, respond

app = new_app()
door = bootstrap.wpay_door()


@app.post("/v1/partner/giftcards/orders")
def place_order() -> ApiResponse:
    return respond(door.place(app.current_event))


@app.get("/v1/partner/giftcards/order/<refno>/status")
def order_status(refno: str) -> ApiResponse:
    return respond(door.status(app.current_event, refno))


@app.get("/v1/partner/giftcards/order/<order_id>/cards")
def order_cards(order_id: str) -> ApiResponse:
    return respond(door.cards(app.current_event, order_id))


handler = app.resolve
