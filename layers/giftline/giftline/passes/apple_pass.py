"""pass.json: what Apple Wallet shows of a pass (Apple, Wallet Passes, Pass)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from giftline.passes import colours
from giftline.wallet.model import BarcodeFormat, PassKind
from giftline.wallet.opening import OpenedPass

STYLES: Final = {PassKind.STORECARD: "storeCard", PassKind.COUPON: "coupon"}
FORMATS: Final = {BarcodeFormat.QR: "PKBarcodeFormatQR", BarcodeFormat.CODE_128: "PKBarcodeFormatCode128"}
MAX_NAME: Final = 40
MAX_TITLE: Final = 100
"""More than fits on a phone: what is longer stands whole on the back."""
MAX_DESCRIPTION: Final = 200

Json = dict[str, Any]


def pass_json(opened: OpenedPass, pass_type_id: str, team_id: str, auth_token: str, web_service_url: str) -> Json:
    """The whole file. The serial number is the pass's id: one pass keeps it for life, and no other ever gets it."""
    held, brand, template = opened.held, opened.brand, opened.template
    background, foreground = map(rgb, colours.looks(template))
    made = {
        "formatVersion": 1,
        "passTypeIdentifier": pass_type_id,
        "teamIdentifier": team_id,
        "serialNumber": held.id,
        "organizationName": shortened(brand.name, MAX_NAME),
        "logoText": shortened(brand.name, MAX_NAME),
        "description": shortened(f"{held.title}, {brand.name}", MAX_DESCRIPTION),
        "webServiceURL": web_service_url,
        "authenticationToken": auth_token,
        "backgroundColor": background,
        "foregroundColor": foreground,
        "labelColor": foreground,
        STYLES[held.kind]: _fields(opened),
    }
    made |= barcode_keys(held.code, template.barcode)
    if is_day(held.expires_on):
        made["expirationDate"] = end_of(held.expires_on)
    if held.revoked_at is not None:
        made["voided"] = True
    return made


def _fields(opened: OpenedPass) -> Json:
    """Points stand in the header: they alone are seen while passes lie in a stack."""
    held = opened.held
    days = [("starts", "Valid from", held.starts_on), ("expires", "Valid until", held.expires_on)]
    made: Json = {
        "primaryFields": [_field("title", "", shortened(held.title, MAX_TITLE))],
        "secondaryFields": [_day(key, label, day) for key, label, day in days if is_day(day)],
        "backFields": _back(opened),
    }
    if held.kind is PassKind.STORECARD:
        made["headerFields"] = [_field("points", "Points", held.points, changeMessage="You now have %@ points")]
    return made


def _back(opened: OpenedPass) -> list[Json]:
    held, template = opened.held, opened.template
    texts = [
        ("whole_title", "Title", held.title),
        ("terms", "Description", template.description),
        ("code", "Code", held.code),
        ("shop", "Shop", opened.brand.name),
    ]
    # why: Wallet makes links of whatever looks like a number or an address, and a code is neither
    return [_field(key, label, text, dataDetectorTypes=[]) for key, label, text in texts if text]


def _field(key: str, label: str, value: str | int, **more: Any) -> Json:
    return {"key": key, "label": label, "value": value, **more}


def _day(key: str, label: str, day: str) -> Json:
    """A day that is the same day wherever the phone is."""
    shown = {"dateStyle": "PKDateStyleMedium", "timeStyle": "PKDateStyleNone", "ignoresTimeZone": True}
    return _field(key, label, f"{day}T12:00:00Z", changeMessage=f"{label} %@", **shown)


def barcode_keys(code: str, wanted: BarcodeFormat) -> Json:
    """`barcodes` for today's phones, and `barcode` for those before iOS 9, which know no Code 128."""
    if not code:
        return {}
    qr = _barcode(code, FORMATS[BarcodeFormat.QR])
    if wanted is not BarcodeFormat.CODE_128 or not _fits_a_line(code):
        return {"barcodes": [qr], "barcode": qr}
    # why: a watch knows no Code 128 either, and takes the first it can show
    return {"barcodes": [_barcode(code, FORMATS[wanted]), qr], "barcode": qr}


def _fits_a_line(code: str) -> bool:
    """As on the pass's page, so that both show the same."""
    # why: the encoder of Code 128 takes long to import, and most passes show a QR code
    from giftline.passes.barcodes import symbol  # noqa: PLC0415

    made = symbol(code, BarcodeFormat.CODE_128)
    return made is not None and made.is_line


def _barcode(code: str, shown: str) -> Json:
    return {"format": shown, "message": code, "messageEncoding": encoding_of(code), "altText": code}


def encoding_of(text: str) -> str:
    """The one that scanners expect, as long as it can say the text."""
    try:
        text.encode("iso-8859-1")
    except UnicodeEncodeError:
        return "utf-8"
    return "iso-8859-1"


def rgb(colour: str) -> str:
    """`#rrggbb` as Apple writes it."""
    return "rgb({}, {}, {})".format(*colours.rgb(colour))


def is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def end_of(day: str) -> str:
    """W3C date and time: a day is over when it is over everywhere, as the pass's page has it."""
    return f"{day}T23:59:59-12:00"


def shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
