"""What Google takes as a class or an object: required fields, ids, and the words of each enum."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.google.refusals import Refused

Body = dict[str, Any]

ID = re.compile(r"(\d+)\.([A-Za-z0-9._-]+)")
COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
INT32 = 2**31
STATES = ("ACTIVE", "COMPLETED", "EXPIRED", "INACTIVE")
HANDED_IN = ("UNDER_REVIEW", "DRAFT")
REVIEWS = (*HANDED_IN, "APPROVED", "REJECTED")
CHANNELS = ("INSTORE", "ONLINE", "BOTH", "TEMPORARY_PRICE_REDUCTION")
BARCODES = (
    *("AZTEC", "CODE_39", "CODE_128", "CODABAR", "DATA_MATRIX", "EAN_8", "EAN_13", "ITF_14", "PDF_417", "QR_CODE"),
    *("UPC_A", "TEXT_ONLY"),
)
ENUMS: Mapping[str, tuple[str, ...]] = {"state": STATES, "reviewStatus": REVIEWS, "redemptionChannel": CHANNELS}
FOR_ALL = frozenset({"kind", "id", "version", "messages", "textModulesData", "linksModuleData", "imageModulesData"})
FOR_CLASSES = FOR_ALL | {"issuerName", "reviewStatus", "review", "hexBackgroundColor", "countryCode", "homepageUri"}
FOR_OBJECTS = FOR_ALL | {"classId", "state", "barcode", "validTimeInterval", "hasUsers", "classReference", "locations"}


@dataclass(frozen=True, slots=True)
class Kind:
    """One collection; `of_class` names the collection of an object's class."""

    name: str
    required: tuple[str, ...]
    known: frozenset[str]
    of_class: str = ""

    @property
    def word(self) -> str:
        return f"walletobjects#{self.name}"


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "loyaltyClass",
            ("id", "issuerName", "programName", "programLogo", "reviewStatus"),
            FOR_CLASSES | {"programName", "programLogo", "accountIdLabel", "accountNameLabel"},
        ),
        Kind(
            "loyaltyObject",
            ("id", "classId", "state"),
            FOR_OBJECTS | {"accountId", "accountName", "loyaltyPoints"},
            "loyaltyClass",
        ),
        Kind(
            "offerClass",
            ("id", "issuerName", "title", "provider", "redemptionChannel", "reviewStatus"),
            FOR_CLASSES | {"title", "provider", "redemptionChannel", "titleImage", "details", "finePrint"},
        ),
        Kind("offerObject", ("id", "classId", "state"), FOR_OBJECTS, "offerClass"),
    )
}


def check(kind: Kind, body: Body, issuer_id: str) -> None:
    """Raise what Google would answer; the class of an object is looked up elsewhere."""
    for name in body:
        _want(name in kind.known, f'Invalid JSON payload received. Unknown name "{name}": Cannot find field.')
    for name in kind.required:
        _want(body.get(name) not in (None, "", {}), f"Missing required field: {name}")
    _check_id(body["id"], issuer_id)
    for name, words in ENUMS.items():
        _want(name not in body or body[name] in words, f"Invalid value at '{name}': {body.get(name)!r}")
    for name, check_one in CHECKS.items():
        if name in body:
            check_one(body[name])


def _check_id(resource_id: Any, issuer_id: str) -> None:
    match = ID.fullmatch(resource_id) if isinstance(resource_id, str) else None
    if match is None:
        raise Refused(400, f"Invalid resource ID: {resource_id}. It must be issuerId.identifier")
    if match[1] != issuer_id:
        raise Refused(403, f"Service account has no access to issuer {match[1]}")


def _check_colour(value: Any) -> None:
    _want(isinstance(value, str) and COLOUR.fullmatch(value) is not None, f"Invalid hexBackgroundColor: {value!r}")


def _check_image(value: Any) -> None:
    uri = value.get("sourceUri", {}).get("uri", "") if isinstance(value, dict) else ""
    _want(isinstance(uri, str) and uri.startswith(("https://", "http://")), "Image cannot be loaded")


def _check_barcode(value: Any) -> None:
    _want(isinstance(value, dict) and value.get("type") in BARCODES, "Invalid value at 'barcode.type'")
    _want(isinstance(value.get("value"), str) and value["value"] != "", "Missing required field: barcode.value")
    _want(set(value) <= {"kind", "type", "value", "alternateText"}, "Unknown name in 'barcode'")


def _check_interval(value: Any) -> None:
    _want(isinstance(value, dict) and set(value) <= {"kind", "start", "end"}, "Invalid value at 'validTimeInterval'")
    for end in ("start", "end"):
        try:
            datetime.fromisoformat(value[end]["date"]) if end in value else None
        except (ValueError, TypeError, KeyError):
            raise Refused(400, f"Invalid date at 'validTimeInterval.{end}'") from None


def _check_points(value: Any) -> None:
    balance = value.get("balance") if isinstance(value, dict) else None
    _want(isinstance(balance, dict) and len(balance) == 1, "loyaltyPoints.balance must have one of its types")
    match balance:
        case {"int": int(number)} if not isinstance(number, bool):
            _want(-INT32 <= number < INT32, "Invalid value at 'loyaltyPoints.balance.int' (TYPE_INT32)")
        case {"string": str()} | {"double": float()}:
            return
        case _:
            raise Refused(400, "Invalid value at 'loyaltyPoints.balance'")


def _check_text(value: Any) -> None:
    _want(isinstance(value, str), "Invalid value: a text was expected")


CHECKS: Mapping[str, Callable[[Any], None]] = {
    "hexBackgroundColor": _check_colour,
    "programLogo": _check_image,
    "titleImage": _check_image,
    "barcode": _check_barcode,
    "validTimeInterval": _check_interval,
    "loyaltyPoints": _check_points,
    **dict.fromkeys(("issuerName", "programName", "title", "provider", "details", "accountId"), _check_text),
}


def _want(good: bool, message: str) -> None:  # noqa: FBT001 - reads as a sentence at each call
    if not good:
        raise Refused(400, message)
