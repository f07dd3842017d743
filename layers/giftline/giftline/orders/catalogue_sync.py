"""Keep the catalogue in step with what a supplier sells: what vanished is marked, never deleted.

The supplier's word decides on amounts and on whether a card is sold; names, PINs, priorities and the offers of
others are made by hand, and stay. What somebody withdrew stays withdrawn.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from giftline.errors import GiftlineError, StaleWrite
from giftline.money import Currency, known_currency
from giftline.orders.catalogue import Offer, Product
from giftline.orders.catalogue_file import MAX_PRODUCTS, is_sku
from giftline.orders.pacing import stay_away, take_turn
from giftline.suppliers.listing import Amounts, ListedCard

if TYPE_CHECKING:
    from giftline.orders.catalogue_ports import CatalogueSource, Products
    from giftline.orders.model import Millis
    from giftline.orders.ports import Clock, Pace

Listed = Mapping[str, ListedCard]
EUR: Final = known_currency("EUR")
MOST_NAMED: Final = 10
TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class SyncCatalogue:
    """Again and again without harm. `currency` is that of new products: the list names none."""

    products: Products
    supplier: CatalogueSource
    clock: Clock
    pace: Pace
    name: str = "walleo"
    currency: Currency = EUR

    def __call__(self) -> dict[str, int]:
        """How many products are new, changed, gone and back, and of how many the amounts cannot be read, so that
        they stay as they are. GiftlineError for a list that nobody should believe, after which nothing has changed.
        """
        listed = self._listed()
        for _ in range(TRIES):
            try:
                return self._write(listed)
            except StaleWrite:
                continue  # somebody else has changed the catalogue: his change counts, and ours is made anew
        raise GiftlineError(f"{self.name}'s catalogue changes nothing: others keep changing ours at the same time")

    def _listed(self) -> Listed:
        """Its cards by code."""
        if not take_turn(self.pace, self.clock, self.name).count:
            raise GiftlineError(f"{self.name}'s rate leaves no room for its catalogue now")
        listing = self.supplier.gift_cards()
        stay_away(self.pace, self.clock, self.name, listing.retry_after)
        if listing.problem or not listing.cards:
            raise GiftlineError(f"{self.name}'s catalogue changes nothing: {listing.problem or 'it is empty'}")
        return {card.code: card for card in listing.cards}

    def _write(self, listed: Listed) -> dict[str, int]:
        edition = self.products.read()
        self._refuse_too_few(edition.products, listed)
        refreshed = [refresh(product, self.name, listed, self.clock.now()) for product in edition.products]
        new = [self._new(listed[code]) for code in self._unknown(edition.products, listed)]
        if len(refreshed) + len(new) > 2 * MAX_PRODUCTS:
            raise GiftlineError(f"{self.name}'s catalogue changes nothing: {len(new)} new products are too many")
        if new or tuple(refreshed) != edition.products:
            after = sorted([*refreshed, *new], key=lambda product: product.sku)
            self.products.replace(edition, after, self.clock.now(), self.name)
        return _counts(zip(edition.products, refreshed, strict=True)) | {
            "new": len(new),
            "unreadable": self._unreadable(listed),
        }

    def _refuse_too_few(self, products: Sequence[Product], listed: Listed) -> None:
        """A list that lacks more than half of what is sold is a broken list, until somebody says otherwise."""
        sold = {offer.code for product in products for offer in product.offers if offer.supplier == self.name}
        missing = sold - listed.keys()
        if 2 * len(missing) > len(sold):
            raise GiftlineError(
                f"{self.name}'s catalogue changes nothing: {len(missing)} of the {len(sold)} codes on sale are not"
                f" in it; if that is right, withdraw them by an import: {_some(sorted(missing))}"
            )

    def _unknown(self, products: Sequence[Product], listed: Listed) -> list[str]:
        """Codes that no product has, and whose name no other product has taken: who sells what is decided by hand."""
        offers = [offer for product in products for offer in (*product.offers, *product.gone)]
        known = {offer.code for offer in offers if offer.supplier == self.name}
        unknown = [code for code, card in listed.items() if code not in known and card.amounts]
        taken = {product.sku for product in products}
        if left := [code for code in unknown if code in taken or not is_sku(code)]:
            logging.getLogger(__name__).warning("%s sells %s: left to be imported by hand", self.name, _some(left))
        return [code for code in unknown if code not in set(left)]

    def _unreadable(self, listed: Listed) -> int:
        codes = [code for code, card in listed.items() if card.amounts is None]
        if codes:
            logging.getLogger(__name__).warning("%s: the amounts of %s cannot be read", self.name, _some(codes))
        return len(codes)

    def _new(self, card: ListedCard) -> Product:
        offer = Offer(self.name, card.code, **_terms(card.amounts, self.currency))
        return Product(card.code, card.name, self.currency, (offer,), card.has_pin)


def refresh(product: Product, supplier: str, listed: Listed, now: Millis) -> Product:
    """The product as the supplier sells it now."""
    offers: list[Offer] = []
    gone: list[Offer] = []
    for offer in (*product.offers, *product.gone):
        if offer.supplier != supplier or offer.withdrawn:
            (gone if offer.gone_at else offers).append(offer)
        elif offer.code in listed:
            terms = _terms(listed[offer.code].amounts, product.currency)
            offers.append(replace(offer, **{**terms, "gone_at": None}))
        else:
            gone.append(replace(offer, gone_at=offer.gone_at or now))
    return replace(product, offers=tuple(offers), gone=tuple(gone))


def _terms(amounts: Amounts | None, currency: Currency) -> dict[str, Any]:
    """In minor units, as an Offer has them; of amounts that cannot be read nothing."""
    if amounts is None:
        return {}
    unit = 10**currency.decimals
    if amounts.fixed:
        return {"fixed": tuple(one * unit for one in amounts.fixed), "least": 0, "most": 0, "step": 1}
    step = amounts.step * unit
    return {"fixed": (), "least": amounts.least * unit, "most": amounts.most * unit, "step": step}


def _counts(pairs: Iterable[tuple[Product, Product]]) -> dict[str, int]:
    counts = {"changed": 0, "gone": 0, "back": 0}
    for before, after in pairs:
        if len(after.gone) > len(before.gone):
            counts["gone"] += 1
        elif len(after.gone) < len(before.gone):
            counts["back"] += 1
        elif before != after:
            counts["changed"] += 1
    return counts


def _some(codes: Sequence[str]) -> str:
    more = f" and {len(codes) - MOST_NAMED} more" if len(codes) > MOST_NAMED else ""
    return ", ".join(codes[:MOST_NAMED]) + more
