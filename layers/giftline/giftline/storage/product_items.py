"""The catalogue as it is stored, and back: one item, CATALOGUE / CATALOGUE.

One write changes it for everybody at once, and one read has all of it. Names repeat themselves, so that compressed
some 10,000 products fit.
"""

from __future__ import annotations

import json
import zlib
from dataclasses import fields
from typing import Any, Final

from giftline.money import known_currency
from giftline.orders.catalogue import Offer, Product
from giftline.orders.catalogue_ports import Edition
from giftline.storage.attributes import Item, marshal, unmarshal

KEY: Final = marshal({"pk": "CATALOGUE", "sk": "CATALOGUE"})
_DEFAULTS: Final = {field.name: field.default for field in fields(Offer)}


def edition_to_item(edition: Edition) -> Item:
    """`count` is for whoever looks at the table."""
    rows = json.dumps([_row(product) for product in edition.products], separators=(",", ":"))
    values = {
        "version": edition.version,
        "at": edition.at,
        "by": edition.by,
        "count": len(edition.products),
        "products": zlib.compress(rows.encode(), 9),
    }
    return KEY | marshal(values)


def edition_from_item(item: Item) -> Edition:
    values = unmarshal(item)
    rows = json.loads(zlib.decompress(values["products"]))
    products = tuple(_product(*row) for row in rows)
    return Edition(products, values["version"], values["at"], values["by"])


def _row(product: Product) -> list[Any]:
    offers = [_offer_row(offer) for offer in product.offers]
    gone = [_offer_row(offer) for offer in product.gone]
    return [product.sku, product.name, product.currency.code, product.has_pin, offers, gone]


def _product(sku: str, name: str, currency: str, has_pin: bool, offers: list[Any], gone: list[Any]) -> Product:  # noqa: FBT001 - a row
    return Product(sku, name, known_currency(currency), _offers(offers), has_pin, _offers(gone))


def _offer_row(offer: Offer) -> dict[str, Any]:
    """What says something: the rest is read back as its default."""
    return {name: value for name in _DEFAULTS if (value := getattr(offer, name)) != _DEFAULTS[name]}


def _offers(rows: list[dict[str, Any]]) -> tuple[Offer, ...]:
    return tuple(Offer(**{**row, "fixed": tuple(row.get("fixed", ()))}) for row in rows)
