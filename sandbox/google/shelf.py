"""Classes and objects as they were handed in, and who saved them."""

import json
from typing import Any

from sandbox.database import Database
from sandbox.google.refusals import Refused

Body = dict[str, Any]


class Shelf:
    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, kind: str, resource_id: str) -> Body | None:
        text = self._database.value("SELECT body FROM resources WHERE kind = ? AND id = ?", kind, resource_id)
        return None if text is None else json.loads(text)

    def get(self, kind: str, resource_id: str) -> Body:
        found = self.find(kind, resource_id)
        if found is None:
            raise Refused(404, f"{kind} {resource_id} was not found")
        return found

    def add(self, kind: str, body: Body) -> Body:
        """The statement itself decides who was first."""
        sql = "INSERT INTO resources VALUES (?,?,?) ON CONFLICT DO NOTHING RETURNING id"
        if self._database.value(sql, kind, body["id"], json.dumps(body)) is None:
            raise Refused(409, f"Existing {kind} already created with id {body['id']}")
        return body

    def replace(self, kind: str, body: Body) -> Body:
        self._database.write(
            "UPDATE resources SET body = ? WHERE kind = ? AND id = ?", json.dumps(body), kind, body["id"]
        )
        return body

    def save(self, now: float, kind: str, resource_id: str) -> Body:
        """Somebody put it into a wallet."""
        body = self.get(kind, resource_id) | {"hasUsers": True}
        self._database.write("INSERT INTO saves VALUES (?,?,?)", now, kind, resource_id)
        return self.replace(kind, body)

    def all_of(self, kind: str) -> list[Body]:
        rows = self._database.rows("SELECT body FROM resources WHERE kind = ? ORDER BY id", kind)
        return [json.loads(row["body"]) for row in rows]
