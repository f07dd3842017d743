"""Routes for tests and people, not for clients: what happened here. No key; the server listens on loopback only."""

from flask import Blueprint, Response

from sandbox.wpay.answers import as_json
from sandbox.wpay.desk import Desk


def admin_routes(desk: Desk) -> Blueprint:
    routes = Blueprint("admin", __name__, url_prefix="/sandbox")

    @routes.get("/health")
    def health() -> Response:
        return as_json(200, {"status": "ok", "supplier": "wpay", "time_scale": desk.settings.time_scale})

    @routes.get("/report")
    def report() -> Response:
        return as_json(200, desk.report.whole(desk.clock.now()))

    @routes.get("/orders/<path:refno>")
    def order(refno: str) -> Response:
        found = desk.report.order(refno, desk.clock.now())
        return _unknown(refno) if found is None else as_json(200, found)

    @routes.get("/cards/<path:refno>")
    def cards(refno: str) -> Response:
        found = desk.report.cards(refno)
        return _unknown(refno) if found is None else as_json(200, {"refno": refno, "cards": found})

    @routes.post("/reset")
    def reset() -> Response:
        desk.report.reset()
        return as_json(200, {"status": "reset"})

    return routes


def _unknown(refno: str) -> Response:
    return as_json(404, {"message": f"No order has the refno {refno}"})
