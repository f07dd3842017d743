"""The calls of the REST API: insert, get, update (whole) and patch (part)."""

from typing import Any

from sandbox.google.desk import Desk
from sandbox.google.refusals import Refused
from sandbox.google.resources import HANDED_IN, KINDS, Body, Kind, check


def kind_of(name: str) -> Kind:
    if name not in KINDS:
        raise Refused(404, f"Requested entity was not found: {name}")
    return KINDS[name]


def insert(desk: Desk, name: str, body: Any) -> Body:
    kind = kind_of(name)
    given = _checked(desk, kind, body)
    return desk.shelf.add(kind.name, _finished(kind, given))


def get(desk: Desk, name: str, resource_id: str) -> Body:
    return desk.shelf.get(kind_of(name).name, resource_id)


def update(desk: Desk, name: str, resource_id: str, body: Any) -> Body:
    """Whole: what the new body leaves out is gone, but for what Google itself keeps."""
    before = get(desk, name, resource_id)
    return _write(desk, kind_of(name), resource_id, _object(body), before)


def patch(desk: Desk, name: str, resource_id: str, body: Any) -> Body:
    """Part: objects are merged to any depth, so that a balance may end up with two of its types."""
    before = get(desk, name, resource_id)
    own = {key: value for key, value in before.items() if key not in ("kind", "version", "hasUsers")}
    if own.get("reviewStatus") == "APPROVED":
        own["reviewStatus"] = HANDED_IN[0]
    return _write(desk, kind_of(name), resource_id, merged(own, _object(body)), before)


def merged(before: Body, change: Body) -> Body:
    both = {
        key: merged(before[key], value) if isinstance(value, dict) and isinstance(before.get(key), dict) else value
        for key, value in change.items()
    }
    return before | both


def _write(desk: Desk, kind: Kind, resource_id: str, body: Body, before: Body) -> Body:
    if body.setdefault("id", resource_id) != resource_id:
        raise Refused(400, "The id of the resource does not match the id of the URL")
    finished = _finished(kind, _checked(desk, kind, body))
    kept = {"hasUsers": before["hasUsers"]} if kind.of_class else {}
    return desk.shelf.replace(kind.name, finished | kept | {"version": str(int(before["version"]) + 1)})


def _checked(desk: Desk, kind: Kind, body: Any) -> Body:
    given = _object(body)
    check(kind, given, desk.settings.google_issuer_id)
    if kind.of_class and desk.shelf.find(kind.of_class, str(given["classId"])) is None:
        raise Refused(400, f"Invalid classId: {kind.of_class} {given['classId']} does not exist")
    if not kind.of_class and given["reviewStatus"] not in HANDED_IN:
        raise Refused(400, f"Invalid review status {given['reviewStatus']}: expected one of {', '.join(HANDED_IN)}")
    return given


def _finished(kind: Kind, given: Body) -> Body:
    """As Google answers: a class is approved at once, an object has no users yet."""
    own = {"hasUsers": False} if kind.of_class else {"reviewStatus": "APPROVED"}
    return {"kind": kind.word} | given | own | {"version": "1"}


def _object(body: Any) -> Body:
    if not isinstance(body, dict):
        raise Refused(400, "Invalid JSON payload received.")
    return dict(body)
