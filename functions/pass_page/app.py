"""What a download link opens: the page, its picture, and the ways into a phone's wallet."""

from giftline.api import ApiResponse, new_app, respond
from giftline.bootstrap import wallet
from giftline.doors.pass_page import refusal

app = new_app(refusal)
door = wallet.pass_page_door()


@app.get("/p/<reference>")
def show_page(reference: str) -> ApiResponse:
    return respond(door.page(reference))


@app.get("/p/<reference>/pass.png")
def show_picture(reference: str) -> ApiResponse:
    return respond(door.picture(reference))


@app.get("/p/<reference>/pass.pkpass")
def add_to_apple_wallet(reference: str) -> ApiResponse:
    return respond(wallet.apple_door(passes_url()).pkpass(reference))


@app.get("/p/<reference>/google")
def save_to_google_wallet(reference: str) -> ApiResponse:
    return respond(wallet.google_door(passes_url()).save(reference))


def passes_url() -> str:
    context = app.current_event.request_context
    return wallet.passes_url(context.api_id, context.stage)


handler = app.resolve
