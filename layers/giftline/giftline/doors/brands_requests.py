"""A brand as its admin call describes it: name and templates, every wrong field at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from giftline.doors.lenient_json import DoubledFields, load_object
from giftline.doors.walletapp_fields import (
    ID,
    NAME,
    ONCE,
    TWICE,
    Field,
    Findings,
    Kind,
    Wrong,
    read_fields,
    shown,
    text,
)
from giftline.wallet.model import BarcodeFormat, Brand, PassKind, Template

MAX_BODY: Final = 1024 * 1024
MAX_TEMPLATES: Final = 100
MAX_VALID_DAYS: Final = 3_650
LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, success criterion 1.4.3, level AA."""
LISTS: Final[Mapping[str, PassKind]] = {"coupons": PassKind.COUPON, "storecards": PassKind.STORECARD}
_COLOUR: Final = re.compile(r"#[0-9A-Fa-f]{6}")


def _colour(value: Any) -> str:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise Wrong(f"{shown(value)} is no colour")
    return value.lower()


def _barcode(value: Any) -> BarcodeFormat:
    if not isinstance(value, str) or value not in list(BarcodeFormat):
        raise Wrong(f"{shown(value)} is no barcode")
    return BarcodeFormat(value)


def _days(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_VALID_DAYS:
        raise Wrong(f"{shown(value)} is no number of days")
    return value


COLOUR: Final = Kind("a colour as #rrggbb", _colour)
BARCODE: Final = Kind(f"one of {', '.join(BarcodeFormat)}", _barcode)
VALID_DAYS: Final = Kind(f"a whole number from 0 (for ever) to {MAX_VALID_DAYS}", _days)

_STORECARD: Final = (
    Field("id", ID, is_required=True),
    Field("title", text(100), is_required=True),
    Field("description", text(500)),
    Field("background", COLOUR),
    Field("foreground", COLOUR),
    Field("barcode", BARCODE),
)
TEMPLATE: Final[Mapping[PassKind, tuple[Field, ...]]] = {
    PassKind.STORECARD: _STORECARD,
    PassKind.COUPON: (*_STORECARD, Field("valid_days", VALID_DAYS)),
}
_NAME: Final = Field("name", NAME, is_required=True)


def is_brand_id(brand_id: str) -> bool:
    """Whether a brand can have that id at all."""
    try:
        ID.read(brand_id)
    except Wrong:
        return False
    return True


def parse_brand(tenant: str, brand_id: str, body: str) -> Brand:
    """TooLarge, or InvalidRequest naming every wrong field; a field of no meaning may be a slip, and is wrong."""
    findings = Findings()
    if not is_brand_id(brand_id):
        findings.add("brand_id", f"{shown(brand_id)} is no id", ID.expected)
    content = load_object(body, MAX_BODY, "a JSON object with name, coupons and storecards")
    name = read_fields(content, (_NAME,), "", findings).get("name", "")
    _find_unknown(content, ("name", *LISTS), "", findings)
    _find_doubled_lists(content, findings)
    templates = [
        template for field, kind in LISTS.items() for template in _templates(content.get(field), field, kind, findings)
    ]
    if len(templates) > MAX_TEMPLATES:
        findings.add("coupons", f"{len(templates)} templates with the storecards", f"at most {MAX_TEMPLATES}")
    findings.check()
    return Brand(brand_id, tenant, name, tuple(templates))


def _find_doubled_lists(content: Mapping[str, Any], findings: Findings) -> None:
    for name in content.names if isinstance(content, DoubledFields) else ():
        if name in LISTS:
            findings.add(name, TWICE, ONCE)


def _find_unknown(content: Mapping[str, Any], known: Sequence[str], place: str, findings: Findings) -> None:
    for name in content:
        if name not in known:
            findings.add(f"{place}{name:.60}", "unknown", ", ".join(known))


def _templates(listed: Any, name: str, kind: PassKind, findings: Findings) -> list[Template]:
    if listed is None:
        return []
    if not isinstance(listed, list):
        findings.add(name, f"{shown(listed)} is no list", "a list of templates")
        return []
    if len(listed) > MAX_TEMPLATES:
        findings.add(name, f"a list of {len(listed)}", f"at most {MAX_TEMPLATES}")
        return []
    found = [_template(one, f"{name}.{at}", kind, findings) for at, one in enumerate(listed)]
    _find_repeated([template.id if template else "" for template in found], name, findings)
    return [template for template in found if template]


def _find_repeated(ids: Sequence[str], name: str, findings: Findings) -> None:
    first: dict[str, int] = {}
    for at, template_id in enumerate(ids):
        if template_id and first.setdefault(template_id, at) != at:
            said = f"{shown(template_id)} is {name}.{first[template_id]} already"
            findings.add(f"{name}.{at}.id", said, "an id of its own")


def _template(content: Any, place: str, kind: PassKind, findings: Findings) -> Template | None:
    """None only for what is no object; a template with a finding never leaves this module."""
    if not isinstance(content, dict):
        findings.add(place, f"{shown(content)} is no object", "an object")
        return None
    values = read_fields(content, TEMPLATE[kind], f"{place}.", findings)
    _find_unknown(content, [field.name for field in TEMPLATE[kind]], f"{place}.", findings)
    template = Template(**({"id": "", "title": ""} | values), kind=kind)
    ratio = contrast(template.foreground, template.background)
    if ratio < LEAST_CONTRAST:
        said = f"{template.foreground} on {template.background} has a contrast of {ratio:.2f}:1"
        findings.add(f"{place}.foreground", said, f"at least {LEAST_CONTRAST}:1, so that everybody can read it")
    return template


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours (WCAG 2.2), 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
