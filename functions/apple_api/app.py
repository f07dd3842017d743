"""Apple's web service, by which phones hear of changed passes."""

from giftline.api import ApiResponse, new_app, respond
from giftline.bootstrap import wallet
from giftline.doors.apple import AppleDoor

app = new_app()


@app.post("/apple/v1/devices/<device>/registrations/<pass_type>/<serial>")
def register(device: str, pass_type: str, serial: str) -> ApiResponse:
    return respond(door().register(app.current_event, device, pass_type, serial))


@app.delete("/apple/v1/devices/<device>/registrations/<pass_type>/<serial>")
def unregister(device: str, pass_type: str, serial: str) -> ApiResponse:
    return respond(door().unregister(app.current_event, device, pass_type, serial))


@app.get("/apple/v1/devices/<device>/registrations/<pass_type>")
def updated(device: str, pass_type: str) -> ApiResponse:
    return respond(door().updated(app.current_event, device, pass_type))


@app.get("/apple/v1/passes/<pass_type>/<serial>")
def fetch(pass_type: str, serial: str) -> ApiResponse:
    return respond(door().fetch(app.current_event, pass_type, serial))


@app.post("/apple/v1/log")
def log() -> ApiResponse:
    return respond(door().log(app.current_event))


def door() -> AppleDoor:
    context = app.current_event.request_context
    return wallet.apple_door(wallet.passes_url(context.api_id, context.stage))


handler = app.resolve
