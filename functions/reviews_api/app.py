"""The operators' calls: what is in review, and one act on one lot of it."""

from giftline import bootstrap
from giftline.api import ApiResponse, new_app, respond

app = new_app()
door = bootstrap.reviews_door()


@app.get("/v1/reviews")
def list_reviews() -> ApiResponse:
    return respond(door.list(app.current_event))


@app.post("/v1/reviews/<order_id>/<lot>")
def resolve_review(order_id: str, lot: str) -> ApiResponse:
    return respond(door.resolve(app.current_event, order_id, lot))


handler = app.resolve
