"""The routes of Google Wallet."""

from http import HTTPStatus

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import HTTPException

from sandbox.clock import Clock, WallClock
from sandbox.google import calls
from sandbox.google.admin import admin_routes
from sandbox.google.answers import as_json
from sandbox.google.desk import Desk, open_desk
from sandbox.google.refusals import BadLink, NoToken, Refused
from sandbox.google.saving import bad_page, save, saved_page
from sandbox.google.tokens import check_access, give_token
from sandbox.settings import Settings

PREFIXES = ("/token", "/walletobjects/", "/gp/v/save/", "/sandbox/google/")
"""Of the paths that are Google's, where one server is several suppliers."""


def create_app(settings: Settings, clock: Clock | None = None) -> Flask:
    desk = open_desk(settings, clock or WallClock())
    app = Flask("sandbox.google")
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.register_blueprint(_wallet_routes(desk))
    app.register_blueprint(_other_routes(desk))
    app.register_blueprint(admin_routes(desk))
    app.register_error_handler(Refused, lambda error: as_json(error.status, error.body()))
    app.register_error_handler(NoToken, lambda error: as_json(400, error.body()))
    app.register_error_handler(BadLink, lambda error: Response(bad_page(error), 400, mimetype="text/html"))
    app.register_error_handler(HTTPException, _http_error)
    return app


def _wallet_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("wallet", __name__, url_prefix="/walletobjects/v1")
    routes.before_request(lambda: check_access(desk, request.headers.get("Authorization", "")))

    @routes.after_request
    def note(response: Response) -> Response:
        values = (desk.clock.now(), request.method, request.path, response.status_code)
        desk.database.write("INSERT INTO calls VALUES (?,?,?,?)", *values)
        return response

    @routes.post("/<name>")
    def insert(name: str) -> Response:
        return as_json(200, calls.insert(desk, name, _given()))

    @routes.get("/<name>/<resource_id>")
    def get(name: str, resource_id: str) -> Response:
        return as_json(200, calls.get(desk, name, resource_id))

    @routes.put("/<name>/<resource_id>")
    def update(name: str, resource_id: str) -> Response:
        return as_json(200, calls.update(desk, name, resource_id, _given()))

    @routes.patch("/<name>/<resource_id>")
    def patch(name: str, resource_id: str) -> Response:
        return as_json(200, calls.patch(desk, name, resource_id, _given()))

    return routes


def _other_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("other", __name__)

    @routes.post("/token")
    def token() -> Response:
        return as_json(200, give_token(desk, request.form, request.base_url))

    @routes.get("/gp/v/save/<token>")
    def save_link(token: str) -> Response:
        return Response(saved_page(save(desk, token, request.url)), mimetype="text/html")

    return routes


def _given() -> object:
    """None where it is not JSON."""
    return request.get_json(force=True, silent=True)


def _http_error(error: HTTPException) -> Response:
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    return as_json(status, Refused(status, error.description or error.name).body())
