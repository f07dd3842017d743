"""What was sent to a tenant's backend, sending it again, and the secret that signs it."""

from giftline.api import ApiResponse, new_app, respond
from giftline.bootstrap import webhooks

app = new_app()
door = webhooks.webhooks_door()


@app.get("/v1/webhooks")
def list_webhooks() -> ApiResponse:
    return respond(door.list(app.current_event))


@app.get("/v1/webhooks/secret")
def show_secret() -> ApiResponse:
    return respond(door.secret(app.current_event))


@app.post("/v1/webhooks/secret/rotate")
def rotate_secret() -> ApiResponse:
    return respond(door.rotate(app.current_event))


@app.post("/v1/webhooks/resend")
def resend_failed() -> ApiResponse:
    return respond(door.resend_all_failed(app.current_event))


@app.get("/v1/webhooks/<event_id>")
def show_webhook(event_id: str) -> ApiResponse:
    return respond(door.show(app.current_event, event_id))


@app.post("/v1/webhooks/<event_id>/resend")
def resend_webhook(event_id: str) -> ApiResponse:
    return respond(door.resend(app.current_event, event_id))


handler = app.resolve
