"""The routes of the supplier."""

from http import HTTPStatus

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.clock import Clock, WallClock
from sandbox.settings import Settings
from sandbox.walleo import signatures
from sandbox.walleo.admin import admin_routes
from sandbox.walleo.answers import Answer, as_json, error_body, refusal, send, too_many_requests
from sandbox.walleo.desk import Desk, open_desk
from sandbox.walleo.pulling import create_pull_request
from sandbox.walleo.pulling_at_once import create_card, show_card
from sandbox.walleo.refusals import Refused
from sandbox.walleo.showing import show_balance, show_gift_card, show_gift_cards, show_inventory
from sandbox.walleo.tracking import show_pull_request

PREFIXES = ("/partners/", "/sandbox/walleo/")
"""Of the paths that are Walleo's, where one server is several suppliers."""


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    desk = open_desk(settings, clock or WallClock())
    app = Flask("sandbox.walleo")
    # Without this Flask would answer 500 where a connection is to be dropped.
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.register_blueprint(_supplier_routes(desk))
    app.register_blueprint(admin_routes(desk))
    app.register_error_handler(HTTPException, _http_error)
    return app


def _supplier_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("supplier", __name__, url_prefix="/partners/v1")
    routes.before_request(lambda: _let_in(desk))
    _add_pulling(routes, desk)
    _add_showing(routes, desk)
    return routes


def _add_pulling(routes: Blueprint, desk: Desk) -> None:
    @routes.post("/pull_requests")
    def pull() -> Response:
        return _sent(desk, create_pull_request(desk, request.get_data()))

    @routes.get("/pull_requests/<path:request_id>")
    def pull_request(request_id: str) -> Response:
        return _sent(desk, show_pull_request(desk, request_id))

    @routes.post("/cards")
    def pull_at_once() -> Response:
        return _sent(desk, create_card(desk, request.get_data(), request.headers.get("X-RequestId")))

    @routes.get("/cards/<card_id>")
    def card(card_id: str) -> Response:
        return _sent(desk, show_card(desk, card_id))


def _add_showing(routes: Blueprint, desk: Desk) -> None:
    @routes.get("/gift_cards")
    def gift_cards() -> Response:
        return _sent(desk, show_gift_cards(desk))

    @routes.get("/gift_cards/<code>")
    def gift_card(code: str) -> Response:
        return _sent(desk, show_gift_card(desk, code))

    @routes.get("/inventories/<code>")
    def inventory(code: str) -> Response:
        return _sent(desk, show_inventory(desk, code))

    @routes.get("/balance")
    def balance() -> Response:
        return _sent(desk, show_balance(desk))


def _sent(desk: Desk, answer: Answer) -> Response:
    return send(answer, desk.clock, desk.settings)


def _let_in(desk: Desk) -> Response | None:
    """None for a request within the rate that shows who sent it."""
    now = desk.clock.now()
    if not desk.traffic.admits(now):
        desk.database.count("rate_limited", request.method)
        return too_many_requests()
    try:
        signatures.check(_as_sent(), desk.settings, now)
    except Refused as refused:
        if refused.breach:
            desk.journal.breach(now, refused.breach, None, f"{request.method} {request.path}")
        return _sent(desk, refusal(refused))
    return None


def _as_sent() -> signatures.Sent:
    """REQUEST_URI is the path and query as they came: Flask's own URL is decoded, and encoded again in its way."""
    uri = request.environ["REQUEST_URI"]
    return signatures.Sent(
        verb=request.method,
        url=f"{request.scheme}://{request.environ.get('HTTP_HOST', '')}{uri}",
        body=request.get_data(),
        authorization=request.headers.get("Authorization", ""),
    )


def _http_error(error: HTTPException) -> Response:
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    return as_json(status, error_body(status, status.name.lower(), error.description or error.name))
