"""The catalogue's calls: what can be ordered, for whoever orders; and taking a whole one over, for operators."""

from __future__ import annotations

import logging
import sys
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.doors import catalogue_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, access_of, check_size, text_of, token_of, whole_number
from giftline.errors import FieldProblem, InvalidRequest
from giftline.orders.catalogue import Product
from giftline.orders.catalogue_import import ImportCatalogue
from giftline.orders.catalogue_ports import Products

MAX_BODY: Final = 4 * 1024 * 1024
MAX_LIMIT: Final = 500
ALL: Final = sys.maxsize
DEFAULT_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class CatalogueDoor:
    """Errors are raised; `error_reply` turns them into answers. `suppliers` are those that there are adapters for."""

    tokens: Tokens
    products: Products
    import_catalogue: ImportCatalogue
    suppliers: Collection[str]

    def list(self, call: Call) -> Reply:
        """By sku. Who sells a card, and under what code, is the operators' business alone; they get all of it at once
        where they name no limit, since what they send back without the rest would withdraw the rest.
        """
        access = access_of(self.tokens, call.headers, Ability.ORDERS_STORE)
        limit, after = parse_list(call, ALL if access.is_operator else DEFAULT_LIMIT)
        edition = self.products.read()
        known = sorted(edition.products, key=lambda product: product.sku)
        found = [product for product in known if product.sku > after]
        told = catalogue_answers.whole if access.is_operator else catalogue_answers.product
        following = found[limit - 1].sku if len(found) > limit else None
        return Reply(200, {"products": [told(one) for one in found[:limit]], "next": following})

    def replace(self, call: Call) -> Reply:
        """The whole file or nothing. `dryRun=true` in the query tells what would change."""
        access = authorize(self.tokens, token_of(call.headers), Ability.ACCOUNTS)
        dry_run = _is_dry_run(call)
        listed = parse_file(call, self.suppliers)
        done = self.import_catalogue(listed, access.tenant, dry_run=dry_run)
        if not dry_run:
            logging.getLogger(__name__).info("catalogue %d: %s by %r", done.version, done, access.tenant)
        return Reply(200, catalogue_answers.imported(done, dry_run=dry_run))


def parse_list(call: Call, most: int) -> tuple[int, str]:
    """`limit` 1 to 500, or `most` where none is named; and the sku after which the page begins."""
    query = call.query_string_parameters
    after = str(query.get("after") or "")
    if "limit" not in query:
        return most, after
    limit = whole_number(query["limit"])
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        expected = f"a whole number from 1 to {MAX_LIMIT}"
        raise InvalidRequest([FieldProblem("limit", f"{query.get('limit')!r:.40}", expected)])
    return limit, after


def parse_file(call: Call, suppliers: Collection[str]) -> Sequence[Product]:
    """JSON, or CSV where the call says so. TooLarge, or InvalidRequest naming every wrong cell."""
    text = text_of(call)
    check_size(text, MAX_BODY)
    kind = {name.lower(): value for name, value in call.headers.items()}.get("content-type", "")
    if "csv" in kind.lower():
        # why: of many calls one brings a file
        from giftline.orders.catalogue_csv import read_csv  # noqa: PLC0415

        return read_csv(text, suppliers)
    # why: as above
    from giftline.orders.catalogue_file import read_json  # noqa: PLC0415

    return read_json(text, suppliers)


def _is_dry_run(call: Call) -> bool:
    word = call.query_string_parameters.get("dryRun", "false")
    if word not in ("true", "false"):
        raise InvalidRequest([FieldProblem("dryRun", f"{word!r:.40}", "true or false")])
    return bool(word == "true")
