"""The catalogue's calls, declared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from giftline.accounts.model import Ability
from giftline.doors.catalogue import DEFAULT_LIMIT, MAX_LIMIT
from giftline.doors.openapi.house import HOUSE
from giftline.doors.openapi.model import Answer, Body, Door, Operation, Parameter, Schema
from giftline.doors.openapi.schemas import COUNT, FLAG, MOMENT, TEXT, listed, maybe, one_of, record, ref, text, whole
from giftline.orders.catalogue_file import MAX_CODE, MAX_MINOR, MAX_NAME, MAX_OFFERS, MAX_PRIORITY, MAX_SKU

_AMOUNTS: Final = {"fixed": listed(COUNT), "least": COUNT, "most": COUNT, "step": COUNT}
_OFFER: Final = record(
    {
        "supplier": TEXT,
        "code": TEXT,
        "priority": COUNT,
        "gone_at": maybe(MOMENT),
        "withdrawn": {"description": "By whom."},
    },
    _AMOUNTS,
)
SCHEMAS: Final[Mapping[str, Schema]] = {
    "Product": record(
        {
            "sku": TEXT,
            "name": TEXT,
            "currency": TEXT,
            "has_pin": FLAG,
            "on_sale": FLAG,
            "gone_since": maybe(MOMENT),
            "amounts": listed(record({}, _AMOUNTS), description="In minor units: fixed ones, or a range in steps."),
        },
        {"offers": listed(_OFFER, description="For operators alone.")},
    ),
    "Products": record({"products": listed(ref("Product")), "next": maybe(TEXT)}),
    "CatalogueImport": record(
        {"dryRun": FLAG, **dict.fromkeys(("products", "new", "changed", "withdrawn", "version"), COUNT)}
    ),
}
_MINOR: Final = whole(1, MAX_MINOR)
_FILE: Final = record(
    {
        "products": listed(
            record(
                {
                    "sku": text(MAX_SKU),
                    "name": text(MAX_NAME),
                    "currency": TEXT,
                    "offers": listed(
                        record(
                            {"supplier": TEXT},
                            {
                                "code": text(MAX_CODE),
                                "priority": whole(0, MAX_PRIORITY),
                                "fixed": listed(_MINOR),
                                "least": _MINOR,
                                "most": _MINOR,
                                "step": _MINOR,
                            },
                        ),
                        maxItems=MAX_OFFERS,
                    ),
                },
                {"has_pin": FLAG},
            ),
            minItems=1,
        )
    }
)

CATALOGUE: Final = Door(
    "Catalogue",
    "What can be ordered, at which amounts.",
    "accounts_api",
    HOUSE,
    (
        Operation(
            "GET",
            "/v1/catalogue",
            "list_products",
            "What can be ordered",
            {200: Answer("By sku; `next` is the `after` of the page that follows.", ref("Products"))},
            refuses=(400, 401, 403),
            description="Operators are told every offer, and get all products at once where they name no limit.",
            abilities=(Ability.ORDERS_STORE, Ability.ACCOUNTS),
            parameters=(
                Parameter("limit", whole(1, MAX_LIMIT), f"{DEFAULT_LIMIT} where it is left out; all for operators."),
                Parameter("after", text(MAX_SKU), "The sku after which the page begins."),
            ),
        ),
        Operation(
            "PUT",
            "/v1/catalogue",
            "replace_catalogue",
            "Take a whole catalogue over",
            {200: Answer("What changed, or would change.", ref("CatalogueImport"))},
            refuses=(400, 401, 403, 413),
            description="The whole file or nothing. CSV is taken too, where the call names it as its content type.",
            abilities=(Ability.ACCOUNTS,),
            parameters=(Parameter("dryRun", one_of(("true", "false")), "Only tell what would change."),),
            body=Body(_FILE),
        ),
    ),
    SCHEMAS,
)
