"""The WalletApp document's calls; brands, and the links of passes."""

from giftline.api import ApiResponse, new_app, respond
from giftline.bootstrap import wallet
from giftline.doors.walletapp_answers import error_reply

app = new_app(error_reply)
bulk, brands, links = wallet.walletapp_door(), wallet.brands_door(), wallet.pass_links_door()


@app.route("/bulk/<operation>", method=["POST", "PUT"])  # the gateway lets PUT through for members alone
def accept_batch(operation: str) -> ApiResponse:
    return respond(bulk.bulk(operation, app.current_event))


@app.get("/webhooks/<operation>/<batch_id>")
def batch_status(operation: str, batch_id: str) -> ApiResponse:
    return respond(bulk.status(operation, app.current_event, batch_id))


@app.put("/v1/brands/<brand_id>")
def save_brand(brand_id: str) -> ApiResponse:
    return respond(brands.save(app.current_event, brand_id))


@app.get("/v1/brands/<brand_id>")
def show_brand(brand_id: str) -> ApiResponse:
    return respond(brands.get(app.current_event, brand_id))


@app.route("/v1/passes/<pass_id>/link", method=["POST", "DELETE"])
def change_link(pass_id: str) -> ApiResponse:
    change = links.renew if app.current_event.http_method == "POST" else links.revoke
    return respond(change(app.current_event, pass_id))


handler = app.resolve
