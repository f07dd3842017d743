"""The WalletApp document's bulk calls, served: token, body, one batch, and how far it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability, token_hash
from giftline.delivery.hostile_urls import url_problem
from giftline.doors import walletapp_answers
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, Headers, text_of, token_of, whole_number
from giftline.doors.walletapp_requests import parse_bulk
from giftline.errors import FieldProblem, InvalidRequest, NotFound
from giftline.wallet.batch import Accepted, BatchRequest, Operation, RowResult
from giftline.wallet.links import Links
from giftline.wallet.model import Pass
from giftline.wallet.ports import Wallets
from giftline.wallet.viewing import NO_BATCH, BatchView

MAX_LIMIT: Final = 10_000
MAX_KEY: Final = 255
MAX_ID: Final = 64
STORE: Final[Mapping[Operation, Ability]] = {
    Operation.COUPONS: Ability.COUPONS_STORE,
    Operation.STORECARDS: Ability.STORECARDS_STORE,
    Operation.POINTS: Ability.STORECARDS_STORE,
    Operation.SIGNUPS: Ability.MEMBERS_STORE,
    Operation.MEMBERS: Ability.MEMBERS_STORE,
    Operation.LICENSEPLATES: Ability.LPR_STORE,
    Operation.PASSES: Ability.STORECARDS_STORE,
}
"""What each bulk call needs, as the document says."""
GET: Final[Mapping[Operation, Ability]] = {
    **STORE,
    Operation.COUPONS: Ability.COUPONS_GET,
    Operation.STORECARDS: Ability.STORECARDS_GET,
    Operation.POINTS: Ability.STORECARDS_GET,
    Operation.PASSES: Ability.STORECARDS_GET,
}
"""What each status page needs; members and licence plates have no ability to read alone."""

AcceptBatch = Callable[[BatchRequest], Accepted]
ViewBatch = Callable[[str, Operation, str, int, int], BatchView]
"""Of tenant, operation, batch id, offset and limit."""


@dataclass(frozen=True, slots=True)
class WalletAppDoor:
    """Errors are raised; `walletapp_answers.error_reply` turns them into answers."""

    tokens: Tokens
    wallets: Wallets
    accept_batch: AcceptBatch
    view_batch: ViewBatch
    links: Links
    allow_local: bool
    """Whether webhooks may go to this machine: only the local stack says so."""

    def bulk(self, operation: str, call: Call) -> Reply:
        """`operation` as it stands in the path."""
        named = operation_named(operation)
        token = token_of(call.headers)
        tenant = authorize(self.tokens, token, STORE[named]).tenant
        key, text = key_of(call.headers), text_of(call)
        body = parse_bulk(
            named,
            text,
            lambda brand_id: self.wallets.brand(tenant, brand_id),
            lambda url: url_problem(url, allow_local=self.allow_local),
        )
        batch = BatchRequest(
            tenant=tenant,
            operation=named,
            brand_id=body.brand_id,
            rows=body.rows,
            body_digest=digest(token_hash(token), named, text),
            template_id=body.template_id,
            webhook_url=body.webhook_url,
            key=digest(key) if key else "",
        )
        return walletapp_answers.accepted(named, body.webhook_url, self.accept_batch(batch))

    def status(self, operation: str, call: Call, batch_id: str) -> Reply:
        """Foreign, unknown and other calls' batches are all the same nothing."""
        named = operation_named(operation)
        tenant = authorize(self.tokens, token_of(call.headers), GET[named]).tenant
        offset, limit = page_of(call.query_string_parameters)
        if not is_id(batch_id):
            raise NotFound(NO_BATCH)
        view = self.view_batch(tenant, named, batch_id, offset, limit)
        results = walletapp_answers.part_of(view.results)
        after = view.next_row if len(results) == len(view.results) else view.results[len(results)].row
        next_page = None if after is None else next_path(named, batch_id, after, limit)
        return walletapp_answers.status(view, results, self._passes(results), self.links, next_page)

    def _passes(self, results: Sequence[RowResult]) -> dict[str, Pass]:
        """As they are now: a renewed link is another one, and a revoked one is none."""
        ids = {result.pass_id for result in results if result.pass_id and not result.reason}
        return self.wallets.passes(ids) if ids else {}


def operation_named(word: str) -> Operation:
    """NotFound for what is none of the document's calls."""
    try:
        return Operation(word)
    except ValueError as error:
        raise NotFound(f"no bulk call is named {word!a:.40}; there are {', '.join(Operation)}") from error


def is_id(text: str) -> bool:
    """Batches' and passes' ids are letters and digits; nothing else is looked up."""
    return text.isascii() and text.isalnum() and len(text) <= MAX_ID


def key_of(headers: Headers) -> str:
    """The Idempotency-Key, empty where there is none; header names in any case."""
    key = next((value for name, value in headers.items() if name.lower() == "idempotency-key"), None)
    if key is None:
        return ""
    if not (0 < len(key) <= MAX_KEY and key.isprintable()):
        expected = f"1 to {MAX_KEY} printable characters"
        raise InvalidRequest([FieldProblem("Idempotency-Key", f"{len(key)} characters: {key!a:.60}", expected)])
    return key


def digest(*parts: str) -> str:
    """SHA-256 in hex; parts are told apart by a character that only the last may hold."""
    return hashlib.sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()


def page_of(query: Mapping[str, Any] | None) -> tuple[int, int]:
    """`offset` from 0, `limit` 1 to 10,000; both count rows of the body."""
    asked = query or {}
    offset = whole_number(asked.get("offset", "0"))
    limit = whole_number(asked.get("limit", str(MAX_LIMIT)))
    problems = []
    if offset is None:
        problems.append(FieldProblem("offset", f"{asked.get('offset')!a:.40}", "a whole number from 0"))
    if limit is None or not 1 <= limit <= MAX_LIMIT:
        problems.append(FieldProblem("limit", f"{asked.get('limit')!a:.40}", f"a whole number from 1 to {MAX_LIMIT}"))
    if problems or offset is None or limit is None:
        raise InvalidRequest(problems)
    return offset, limit


def next_path(operation: Operation, batch_id: str, offset: int, limit: int) -> str:
    """Where the status page goes on, with the limit that was asked for."""
    query = {"offset": offset} | ({"limit": limit} if limit != MAX_LIMIT else {})
    return f"/webhooks/{operation}/{batch_id}?{urlencode(query)}"
