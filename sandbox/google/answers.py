"""JSON as the client gets it."""

import json
from collections.abc import Mapping

from flask import Response


def as_json(status: int, body: Mapping[str, object]) -> Response:
    return Response(json.dumps(body), status, mimetype="application/json")
