"""Routes for tests and people, not for clients: what happened here. No key; the server listens on loopback only."""

from flask import Blueprint, Response

from sandbox.walleo.answers import as_json
from sandbox.walleo.desk import Desk


def admin_routes(desk: Desk) -> Blueprint:
    """Under a prefix of their own: one server may be both suppliers."""
    routes = Blueprint("admin", __name__, url_prefix="/sandbox/walleo")

    @routes.get("/health")
    def health() -> Response:
        return as_json(200, {"status": "ok", "supplier": "walleo", "time_scale": desk.settings.time_scale})

    @routes.get("/report")
    def report() -> Response:
        return as_json(200, desk.report.whole(desk.clock.now()))

    @routes.get("/pull_requests/<path:request_id>")
    def pull_request(request_id: str) -> Response:
        found = desk.report.pull_request(request_id, desk.clock.now())
        if found is None:
            return as_json(404, {"message": f"No pull request has the request id {request_id}"})
        return as_json(200, found)

    @routes.get("/cards")
    def cards() -> Response:
        return as_json(200, {"cards": desk.report.cards(desk.clock.now())})

    @routes.post("/reset")
    def reset() -> Response:
        desk.report.reset()
        return as_json(200, {"status": "reset"})

    return routes
