"""What can be called here: the OpenAPI document, and the same as a page."""

from giftline.api import ApiResponse, new_app, respond
from giftline.bootstrap import wallet
from giftline.bootstrap.resources import settings
from giftline.doors.api_page import ApiPageDoor

app = new_app()
door = ApiPageDoor(settings().need("passes_url"))


@app.get("/openapi.json")
def openapi_document() -> ApiResponse:
    return respond(door.document(api_url()))


@app.get("/docs")
def docs_page() -> ApiResponse:
    return respond(door.page(api_url()))


def api_url() -> str:
    context = app.current_event.request_context
    return wallet.passes_url(context.api_id, context.stage)


handler = app.resolve
