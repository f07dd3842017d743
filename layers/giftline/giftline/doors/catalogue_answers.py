"""What is told of the catalogue: amounts in minor units, as a file brings them."""

from __future__ import annotations

from typing import Any

from giftline.orders.catalogue import Offer, Product
from giftline.orders.catalogue_import import Imported
from giftline.orders.timing import timestamp


def product(one: Product) -> dict[str, Any]:
    """For whoever orders: each way in which it can be had, once."""
    amounts = [_amounts(offer) for offer in sorted(one.offers, key=lambda offer: offer.priority)]
    different = [each for at, each in enumerate(amounts) if each not in amounts[:at]]
    return _named(one) | {"amounts": different}


def whole(one: Product) -> dict[str, Any]:
    """For operators: with all offers, so that it can be sent back as it is."""
    return product(one) | {"offers": [_offer(offer) for offer in (*one.offers, *one.gone)]}


def imported(done: Imported, *, dry_run: bool) -> dict[str, Any]:
    return {
        "dryRun": dry_run,
        "products": done.products,
        "new": done.new,
        "changed": done.changed,
        "withdrawn": done.withdrawn,
        "version": done.version,
    }


def _named(one: Product) -> dict[str, Any]:
    return {
        "sku": one.sku,
        "name": one.name,
        "currency": one.currency.code,
        "has_pin": one.has_pin,
        "on_sale": bool(one.offers),
        "gone_since": timestamp(one.gone_since) if one.is_gone else None,
    }


def _offer(offer: Offer) -> dict[str, Any]:
    named = {"supplier": offer.supplier, "code": offer.code, "priority": offer.priority}
    gone_at = timestamp(offer.gone_at) if offer.gone_at else None
    return named | _amounts(offer) | {"gone_at": gone_at, "withdrawn": offer.withdrawn}


def _amounts(offer: Offer) -> dict[str, Any]:
    if offer.fixed:
        return {"fixed": list(offer.fixed)}
    return {"least": offer.least, "most": offer.most, "step": offer.step}
