"""The routes of the supplier."""

import hmac

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.clock import Clock, WallClock
from sandbox.settings import Settings
from sandbox.wpay.account import balance, reverse_order
from sandbox.wpay.admin import admin_routes
from sandbox.wpay.answers import Answer, as_json, error_body, send
from sandbox.wpay.collecting import cards_page
from sandbox.wpay.desk import Desk, open_desk
from sandbox.wpay.placing import place_order
from sandbox.wpay.tracking import order_status


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    desk = open_desk(settings, clock or WallClock())
    app = Flask("sandbox.wpay")
    # Without this Flask would answer 500 where a connection is to be dropped.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.register_blueprint(_supplier_routes(desk))
    app.register_blueprint(admin_routes(desk))
    app.register_error_handler(HTTPException, _http_error)
    return app


def _supplier_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("supplier", __name__, url_prefix="/v1/partner/giftcards")

    def sent(answer: Answer) -> Response:
        return send(answer, desk.clock, desk.settings)

    @routes.before_request
    def check_key() -> Response | None:
        given = request.headers.get("X-Api-Key", "").encode()
        if hmac.compare_digest(given, desk.settings.api_key.encode()):
            return None
        desk.journal.breach(desk.clock.now(), "wrong_key", None, f"{request.method} {request.path}")
        return as_json(401, error_body(401, "X-Api-Key is missing or wrong"))

    @routes.post("/orders")
    def place() -> Response:
        return sent(place_order(desk, request.get_data()))

    @routes.post("/orders/reverse")
    def reverse() -> Response:
        return sent(reverse_order(desk, request.get_data()))

    @routes.get("/order/<path:refno>/status")
    def status(refno: str) -> Response:
        return sent(order_status(desk, refno))

    @routes.get("/order/<order_id>/cards")
    def cards(order_id: str) -> Response:
        return sent(cards_page(desk, order_id, request.args.get("offset"), request.args.get("limit")))

    @routes.get("/sva/balance")
    def sva_balance() -> Response:
        return sent(balance(desk))

    return routes


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    return as_json(status, error_body(status, error.description or error.name))
