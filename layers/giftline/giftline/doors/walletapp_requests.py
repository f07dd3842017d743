"""The WalletApp document's bulk bodies: every wrong field of every row at once, or the rows of a batch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from giftline.doors.lenient_json import DoubledFields, load_object
from giftline.doors.walletapp_fields import (
    BOOLEAN,
    CODE,
    DAY,
    EMAIL,
    ID,
    IDENTIFIER,
    LICENSEPLATE,
    MOMENT,
    NAME,
    ONCE,
    POINTS,
    TITLE,
    TWICE,
    URL,
    Field,
    Findings,
    read_fields,
    shown,
    text,
)
from giftline.wallet.batch import Operation, Row
from giftline.wallet.model import Brand, PassKind

MAX_BODY: Final = 5_500_000
"""Bytes. API Gateway takes 10 MB, but what it hands to a function is at most 6 MB."""
MAX_ROWS: Final = 25_000
MAX_LICENSEPLATES: Final = 50
ROWS: Final = f"a list of 1 to {MAX_ROWS} objects"

FindBrand = Callable[[str], Brand | None]
UrlProblem = Callable[[str], str]
"""Empty for a good URL, else what is wrong, '; expected ', and what is expected."""


@dataclass(frozen=True, slots=True)
class BulkBody:
    """A body that is right in every field; `template_id` and `webhook_url` are empty where it names none."""

    brand_id: str
    template_id: str
    webhook_url: str = field(repr=False)
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What the document says of one call. `template`: the kind whose id the body names."""

    head: tuple[Field, ...]
    row: tuple[Field, ...]
    template: PassKind | None = None


_BRAND: Final = Field("brand_id", ID, is_required=True)
_COUPON: Final = Field("coupon_id", ID, is_required=True, key="template_id")
_STORECARD: Final = Field("storecard_id", ID, is_required=True, key="template_id")
_WEBHOOK: Final = Field("webhook_url", URL, is_required=True)
_MAYBE_WEBHOOK: Final = Field("webhook_url", URL)
_IDENTIFIER: Final = Field("identifier", IDENTIFIER, is_required=True)
_QR_CODE: Final = Field("qr_code", CODE)
_TITLE: Final = Field("pass_title", TITLE)
_POINTS: Final = Field("points", POINTS, is_required=True)
_FIRST_NAME: Final = Field("first_name", NAME)
_LAST_NAME: Final = Field("last_name", NAME)

DOCUMENTS: Final[Mapping[Operation, Document]] = {
    Operation.COUPONS: Document(
        (_BRAND, _COUPON, _WEBHOOK),
        (_IDENTIFIER, _QR_CODE, Field("expiration_date", DAY), _TITLE),
        PassKind.COUPON,
    ),
    Operation.STORECARDS: Document((_BRAND, _STORECARD, _WEBHOOK), (_IDENTIFIER, _QR_CODE, _TITLE), PassKind.STORECARD),
    Operation.POINTS: Document((_BRAND, _STORECARD, _WEBHOOK), (_IDENTIFIER, _QR_CODE, _POINTS), PassKind.STORECARD),
    Operation.SIGNUPS: Document(
        (_BRAND, _MAYBE_WEBHOOK),
        (
            Field("identifier", IDENTIFIER),
            Field("email", EMAIL, is_required=True),
            _FIRST_NAME,
            _LAST_NAME,
            Field("unsubscribed", BOOLEAN),
            Field("subscribed_at", MOMENT),
        ),
    ),
    Operation.MEMBERS: Document(
        (_BRAND, _MAYBE_WEBHOOK),
        (
            _IDENTIFIER,
            _FIRST_NAME,
            _LAST_NAME,
            Field("phone_number", NAME),
            Field("birth_day", text(40)),
            Field("street", NAME),
            Field("house_number", NAME),
            Field("postcode", NAME),
            Field("city", NAME),
            Field("country", NAME),
        ),
    ),
    Operation.LICENSEPLATES: Document(
        (_MAYBE_WEBHOOK,), (_IDENTIFIER, Field("licenseplates", LICENSEPLATE, most=MAX_LICENSEPLATES))
    ),
    Operation.PASSES: Document(
        (_BRAND, _STORECARD, _MAYBE_WEBHOOK),
        (
            _IDENTIFIER,
            _POINTS,
            Field("pass_code", CODE),
            Field("start_date", DAY),
        ),
        PassKind.STORECARD,
    ),
}


def parse_bulk(operation: Operation, text: str, find_brand: FindBrand, url_problem: UrlProblem) -> BulkBody:
    """TooLarge, or InvalidRequest naming every wrong field; fields the document does not know are let through."""
    document = DOCUMENTS[operation]
    body = load_object(text, MAX_BODY, "a JSON object with users")
    findings = Findings()
    head = read_fields(body, document.head, "", findings)
    if "brand_id" in head:
        _check_brand(head, document.template, find_brand, findings)
    if problem := url_problem(head["webhook_url"]) if "webhook_url" in head else "":
        said, _, expected = problem.partition("; expected ")
        findings.add("webhook_url", said, expected or "https://host/path")
    rows = _rows(body, document.row, findings)
    findings.check()
    return BulkBody(head.get("brand_id", ""), head.get("template_id", ""), head.get("webhook_url", ""), rows)


def _check_brand(head: Mapping[str, Any], kind: PassKind | None, find_brand: FindBrand, findings: Findings) -> None:
    brand = find_brand(head["brand_id"])
    if brand is None:
        findings.add("brand_id", f"{shown(head['brand_id'])} is no brand of yours", "the id of a brand that you made")
        return
    template_id = head.get("template_id")
    if kind and template_id and not brand.template(kind, template_id):
        said = f"{shown(template_id)} is no {kind} of brand {brand.id}"
        findings.add(f"{kind}_id", said, f"the id of one of its {kind}s")


def _rows(body: Mapping[str, Any], fields: tuple[Field, ...], findings: Findings) -> tuple[Row, ...]:
    users = body.get("users")
    if isinstance(body, DoubledFields) and "users" in body.names:
        findings.add("users", TWICE, ONCE)
    if not isinstance(users, list):
        findings.add("users", f"{shown(users)} is no list" if "users" in body else "missing", ROWS)
        return ()
    if not 1 <= len(users) <= MAX_ROWS:
        findings.add("users", f"a list of {len(users)}", ROWS)
        return ()
    return tuple(_row(number, user, fields, findings) for number, user in enumerate(users))


def _row(number: int, user: Any, fields: tuple[Field, ...], findings: Findings) -> Row:
    if not isinstance(user, dict):
        findings.add(f"users.{number}", f"{shown(user)} is no object", "an object")
        return Row(number, "")
    values = read_fields(user, fields, f"users.{number}.", findings)
    return Row(number, values.pop("identifier", ""), values)
