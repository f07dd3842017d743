"""The WalletApp calls' fields as schemas, so that what is read and what is told are one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from giftline.doors import brands_requests, walletapp_fields
from giftline.doors.openapi.model import Schema
from giftline.doors.openapi.schemas import listed, one_of, record, text
from giftline.doors.walletapp_fields import MAX_POINTS, Field, Kind
from giftline.wallet.model import BarcodeFormat

_LENGTH: Final = re.compile(r"text of 1 to (\d+) ")
_PRINTABLE: Final = r"^[^\x00-\x1f\x7f]+$"
_SCHEMAS: Final[Sequence[tuple[Kind, Schema]]] = (
    (walletapp_fields.ID, {"type": "string", "pattern": "^[A-Za-z0-9_.-]{1,64}$"}),
    (walletapp_fields.IDENTIFIER, text(128)),
    (walletapp_fields.CODE, text(128)),
    (walletapp_fields.URL, text(2_000, format="uri")),
    (walletapp_fields.TITLE, text(100, pattern=_PRINTABLE)),
    (walletapp_fields.NAME, text(100, pattern=_PRINTABLE)),
    (walletapp_fields.POINTS, {"type": ["integer", "string"], "minimum": -MAX_POINTS, "maximum": MAX_POINTS}),
    (walletapp_fields.DAY, {"type": "string", "format": "date"}),
    (walletapp_fields.MOMENT, {"type": "string", "pattern": r"^[0-9]{4}(-[0-9]{2}){2} [0-9]{2}(:[0-9]{2}){2}$"}),
    (walletapp_fields.EMAIL, {"type": "string", "format": "email", "maxLength": 254}),
    (walletapp_fields.BOOLEAN, {"type": "boolean"}),
    (walletapp_fields.LICENSEPLATE, text(20)),
    (brands_requests.COLOUR, {"type": "string", "pattern": "^#[0-9A-Fa-f]{6}$"}),
    (brands_requests.BARCODE, one_of(BarcodeFormat)),
    (brands_requests.VALID_DAYS, {"type": "integer", "minimum": 0, "maximum": brands_requests.MAX_VALID_DAYS}),
)


def object_of(fields: Sequence[Field], more: Mapping[str, Schema] | None = None, **keywords: Any) -> Schema:
    """An object with those fields, and the required ones of `more`."""
    required = {field.name: schema_of(field) for field in fields if field.is_required}
    optional = {field.name: schema_of(field) for field in fields if not field.is_required}
    return record({**required, **(more or {})}, optional, **keywords)


def schema_of(field: Field) -> Schema:
    """What is expected stands in the reader's own words too."""
    known = next((schema for kind, schema in _SCHEMAS if kind is field.kind), None) or _text_of(field.kind)
    one = {**known, "description": field.kind.expected}
    return listed(one, maxItems=field.most) if field.most else one


def _text_of(kind: Kind) -> Schema:
    """Of a text that has a length of its own."""
    found = _LENGTH.match(kind.expected)
    return text(int(found[1])) if found else {}
