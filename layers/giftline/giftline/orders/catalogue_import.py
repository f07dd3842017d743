"""Take a whole catalogue over: what it has is on sale, what it lacks is withdrawn, and nothing is ever deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from giftline.errors import FieldProblem, InvalidRequest, Unwritable
from giftline.orders.catalogue import Offer, Product

if TYPE_CHECKING:
    from giftline.orders.catalogue_ports import Products
    from giftline.orders.model import Millis
    from giftline.orders.ports import Clock


@dataclass(frozen=True, slots=True)
class Imported:
    """How many products a file is of, and what became different; `version` is that of the catalogue now."""

    products: int
    new: int
    changed: int
    withdrawn: int
    version: int


@dataclass(frozen=True, slots=True)
class ImportCatalogue:
    """The products of a file that was read whole. Again without harm: what changes nothing writes nothing."""

    products: Products
    clock: Clock

    def __call__(self, listed: Sequence[Product], who: str, *, dry_run: bool = False) -> Imported:
        """With `dry_run` nothing is written. InvalidRequest for one that is too large; StaleWrite for another
        change at the same time, after which nothing has changed.
        """
        before = self.products.read()
        known = {product.sku: product for product in before.products}
        after = merged(known, listed, self.clock.now())
        counts = _counts(known, after, listed)
        version = before.version
        if not dry_run and (tuple(after) != before.products or not version):
            try:
                version = self.products.replace(before, after, self.clock.now(), who).version
            except Unwritable as error:
                raise InvalidRequest([FieldProblem("products", str(error), "fewer products")]) from error
        return Imported(len(listed), *counts, version)


def merged(known: dict[str, Product], listed: Iterable[Product], now: Millis) -> list[Product]:
    """By sku, so that the same products in another order are the same catalogue."""
    after = {product.sku: _over(known.get(product.sku), product, now) for product in listed}
    for sku, product in known.items():
        if sku not in after:
            after[sku] = _withdrawn(product, now)
    return [after[sku] for sku in sorted(after)]


def _over(known: Product | None, product: Product, now: Millis) -> Product:
    """The product of the file. What its supplier was found to list no more stays gone: only its list knows better."""
    before = {(one.supplier, one.code): one for one in (*known.offers, *known.gone)} if known else {}
    offers: list[Offer] = []
    gone: list[Offer] = []
    for offer in product.offers:
        was = before.pop((offer.supplier, offer.code), None)
        if offer.withdrawn:
            gone.append(replace(offer, gone_at=(was and was.gone_at) or now))
        elif was and was.gone_at and not was.withdrawn:
            gone.append(replace(offer, gone_at=was.gone_at))
        else:
            offers.append(offer)
    gone += [_taken_out(offer, now) for offer in before.values()]
    return replace(product, offers=tuple(offers), gone=tuple(gone))


def _withdrawn(product: Product, now: Millis) -> Product:
    gone = [_taken_out(offer, now) for offer in (*product.offers, *product.gone)]
    return replace(product, offers=(), gone=tuple(gone))


def _taken_out(offer: Offer, now: Millis) -> Offer:
    return replace(offer, gone_at=offer.gone_at or now, withdrawn=True)


def _counts(known: dict[str, Product], after: list[Product], listed: Sequence[Product]) -> tuple[int, int, int]:
    """New, changed, withdrawn."""
    skus = {product.sku for product in listed}
    new = sum(sku not in known for sku in skus)
    different = [product for product in after if product.sku in known and product != known[product.sku]]
    withdrawn = sum(product.is_gone and not known[product.sku].is_gone for product in different)
    return new, len(different) - withdrawn, withdrawn
