"""Routes for tests and people, not for clients: what happened here. No key; the server listens on loopback only."""

from flask import Blueprint, Response

from sandbox.google.answers import as_json
from sandbox.google.desk import Desk
from sandbox.google.resources import KINDS


def admin_routes(desk: Desk) -> Blueprint:
    """Under a prefix of their own: one server may be all suppliers."""
    routes = Blueprint("admin", __name__, url_prefix="/sandbox/google")

    @routes.get("/health")
    def health() -> Response:
        return as_json(200, {"status": "ok", "supplier": "google", "time_scale": desk.settings.time_scale})

    @routes.get("/report")
    def report() -> Response:
        calls = [list(row) for row in desk.database.rows("SELECT method, path, status FROM calls ORDER BY rowid")]
        saves = [row["id"] for row in desk.database.rows("SELECT id FROM saves ORDER BY rowid")]
        tokens = desk.database.value("SELECT COUNT(*) FROM tokens")
        resources = {name: desk.shelf.all_of(name) for name in KINDS}
        return as_json(200, {"tokens": tokens, "calls": calls, "saves": saves, "resources": resources})

    @routes.post("/end-tokens")
    def end_tokens() -> Response:
        desk.database.write("UPDATE tokens SET ends_at = 0")
        return as_json(200, {"status": "ended"})

    @routes.post("/reset")
    def reset() -> Response:
        for table in ("resources", "tokens", "calls", "saves"):
            desk.database.write(f"DELETE FROM {table}")  # noqa: S608 - the names stand above
        return as_json(200, {"status": "reset"})

    return routes
