"""Brands and the links of passes, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from giftline.accounts.model import Ability
from giftline.doors.brands_requests import MAX_TEMPLATES, TEMPLATE
from giftline.doors.openapi.fields import object_of
from giftline.doors.openapi.model import Answer, Body, Door, Operation, Parameter, Schema
from giftline.doors.openapi.schemas import COUNT, IDENTIFIER, MOMENT, TEXT, listed, maybe, record, ref, text
from giftline.doors.openapi.walletapp import REFUSALS, envelope
from giftline.wallet.model import PassKind

_ID: Final = "^[A-Za-z0-9_.-]{1,64}$"
_BRAND_ID: Final = Parameter("brand_id", {"type": "string", "pattern": _ID}, "Your own name for it.", "path")
_PASS_ID: Final = Parameter("pass_id", IDENTIFIER, "The `walletapp_code` of a batch's answer.", "path")
_TEMPLATES: Final = {
    kind: listed(object_of(fields, additionalProperties=False), maxItems=MAX_TEMPLATES)
    for kind, fields in TEMPLATE.items()
}
_BODY: Final = record(
    {"name": text(100)},
    {"coupons": _TEMPLATES[PassKind.COUPON], "storecards": _TEMPLATES[PassKind.STORECARD]},
    additionalProperties=False,
)
EXAMPLE: Final[Mapping[str, Any]] = {
    "name": "Corner Coffee",
    "coupons": [{"id": "free-espresso", "title": "A free espresso", "valid_days": 90}],
    "storecards": [{"id": "loyalty", "title": "Loyalty card"}],
}
_SHOWN: Final = dict.fromkeys(("id", "title", "description", "background", "foreground", "barcode"), TEXT)
SCHEMAS: Final[Mapping[str, Schema]] = {
    "Brand": envelope(
        record(
            {
                "id": TEXT,
                "name": TEXT,
                "coupons": listed(record({**_SHOWN, "valid_days": COUNT})),
                "storecards": listed(record(_SHOWN)),
            }
        )
    ),
    "PassLink": envelope(
        record({"walletapp_code": TEXT, "download_link": maybe(TEXT), "expires_at": maybe(MOMENT)}),
    ),
}

BRANDS: Final = Door(
    "Brands",
    "The brands whose coupons and storecards are given out, and the download links of their passes.",
    "bulk_api",
    REFUSALS,
    (
        Operation(
            "PUT",
            "/v1/brands/{brand_id}",
            "save_brand",
            "Make or replace a brand",
            {200: Answer("The brand as it is now.", ref("Brand"))},
            refuses=(401, 403, 413, 422),
            abilities=(Ability.BRANDS_STORE,),
            parameters=(_BRAND_ID,),
            body=Body(_BODY, EXAMPLE),
        ),
        Operation(
            "GET",
            "/v1/brands/{brand_id}",
            "show_brand",
            "A brand",
            {200: Answer("The brand.", ref("Brand"))},
            refuses=(401, 403, 404),
            abilities=(Ability.BRANDS_STORE,),
            parameters=(_BRAND_ID,),
        ),
        *(
            Operation(
                method,
                "/v1/passes/{pass_id}/link",
                f"{verb}_link",
                summary,
                {200: Answer("The link as it is now.", ref("PassLink"))},
                refuses=(401, 403, 404),
                abilities=(Ability.COUPONS_STORE, Ability.STORECARDS_STORE),
                parameters=(_PASS_ID,),
            )
            for method, verb, summary in (
                ("POST", "renew", "Make a new download link; the old one ends"),
                ("DELETE", "revoke", "End the download link"),
            )
        ),
    ),
    SCHEMAS,
)
