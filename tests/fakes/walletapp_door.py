"""What the WalletApp doors need, small: one tenant's brand, and batches that are only remembered."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any

from giftline.accounts.model import TENANT_ABILITIES, Ability, Access, token_hash
from giftline.doors.brands import BrandsDoor
from giftline.doors.pass_links import PassLinksDoor
from giftline.doors.walletapp import WalletAppDoor
from giftline.errors import NotFound, StaleWrite
from giftline.secret import Secret
from giftline.wallet.batch import Accepted, Batch, BatchRequest, Operation
from giftline.wallet.linking import RenewLink, RevokeLink
from giftline.wallet.links import Links
from giftline.wallet.model import Brand, CodeHolder, EmailHolder, Member, Pass, PassKind, Template
from giftline.wallet.viewing import BatchView
from tests.fakes.storage import FakeTokens
from tests.fakes.time import START, FakeClock

TENANT = "acme"
TOKEN = "a-token-of-acme"
BATCH_ID = "A" * 26
BRAND = Brand(
    "shop",
    TENANT,
    "The Shop",
    (Template("ten-off", PassKind.COUPON, "Ten off"), Template("loyal", PassKind.STORECARD, "Loyal")),
    version=1,
)
BATCH = Batch(BATCH_ID, TENANT, Operation.COUPONS, "shop", "ten-off", 3, 1, "batches/rows.jsonl", START)
HEADS = {
    Operation.COUPONS: {"brand_id": "shop", "coupon_id": "ten-off", "webhook_url": "https://hooks.example.com/done"},
    Operation.STORECARDS: {"brand_id": "shop", "storecard_id": "loyal", "webhook_url": "https://hooks.example.com/x"},
    Operation.POINTS: {"brand_id": "shop", "storecard_id": "loyal", "webhook_url": "https://hooks.example.com/x"},
    Operation.SIGNUPS: {"brand_id": "shop"},
    Operation.MEMBERS: {"brand_id": "shop"},
    Operation.LICENSEPLATES: {},
    Operation.PASSES: {"brand_id": "shop", "storecard_id": "loyal"},
}

USER: dict[Operation, dict[str, Any]] = {
    Operation.COUPONS: {"identifier": "m-1"},
    Operation.STORECARDS: {"identifier": "m-1"},
    Operation.POINTS: {"identifier": "m-1", "points": 5},
    Operation.SIGNUPS: {"email": "ann@example.com"},
    Operation.MEMBERS: {"identifier": "m-1"},
    Operation.LICENSEPLATES: {"identifier": "m-1"},
    Operation.PASSES: {"identifier": "m-1", "points": 5},
}
"""The plainest row of each call."""


@dataclass
class FakeCall:
    body: str | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"Authorization": f"Bearer {TOKEN}"})
    is_base64_encoded: bool | None = False
    query_string_parameters: dict[str, str] = field(default_factory=dict)


@dataclass
class DoorWallets:
    """Keeps brands and passes by version; of members a door asks nothing."""

    brands: dict[tuple[str, str], Brand] = field(default_factory=lambda: {(TENANT, BRAND.id): BRAND})
    held: dict[str, Pass] = field(default_factory=dict)
    writes: int = 0

    def brand(self, tenant: str, brand_id: str) -> Brand | None:
        return self.brands.get((tenant, brand_id))

    def save_brand(self, brand: Brand) -> Brand:
        known = self.brand(brand.tenant, brand.id)
        self._check(brand.version, known.version if known else 0)
        self.brands[brand.tenant, brand.id] = replace(brand, version=brand.version + 1)
        return self.brands[brand.tenant, brand.id]

    def members(self, tenant: str, identifiers: Collection[str]) -> dict[str, Member]:
        return {}

    def emails(self, tenant: str, emails: Collection[str]) -> dict[str, EmailHolder]:
        return {}

    def passes(self, ids: Collection[str]) -> dict[str, Pass]:
        return {pass_id: self.held[pass_id] for pass_id in ids if pass_id in self.held}

    def codes(self, tenant: str, brand_id: str, codes: Collection[str]) -> dict[str, CodeHolder]:
        return {}

    def save_pass(self, one: Pass) -> Pass:
        self._check(one.version, self.held[one.id].version)
        self.held[one.id] = replace(one, version=one.version + 1)
        return self.held[one.id]

    def _check(self, read: int, held: int) -> None:
        if read != held:
            raise StaleWrite(f"version {held} is there, not {read}")
        self.writes += 1


@dataclass
class DoorHouse:
    """The three doors over one set of fakes. `missing`: identifiers that no member has."""

    wallets: DoorWallets = field(default_factory=DoorWallets)
    missing: frozenset[str] = frozenset()
    duplicate_of: str = ""
    requests: list[BatchRequest] = field(default_factory=list)
    view: BatchView | None = None
    viewed: list[tuple[int, int]] = field(default_factory=list)
    tokens: FakeTokens = field(default_factory=FakeTokens)
    links: Links = field(default_factory=lambda: Links(lambda: Secret("k" * 64), "https://passes.example"))
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.let_in(TOKEN, TENANT, *TENANT_ABILITIES)

    def let_in(self, token: str, tenant: str, *abilities: Ability) -> FakeCall:
        self.tokens.known[token_hash(Secret(token))] = Access(tenant, frozenset(abilities))
        return FakeCall(headers={"authorization": f"Bearer {token}"})

    def accept(self, request: BatchRequest) -> Accepted:
        self.requests.append(request)
        ids = [row.identifier for row in request.rows]
        queued = tuple(one for one in ids if one not in self.missing)
        return Accepted(BATCH_ID, queued, tuple(one for one in ids if one in self.missing), self.duplicate_of)

    def look(self, tenant: str, operation: Operation, batch_id: str, offset: int, limit: int) -> BatchView:
        view = self.view
        if view is None or (view.batch.tenant, view.batch.operation, view.batch.id) != (tenant, operation, batch_id):
            raise NotFound("no such batch")
        self.viewed.append((offset, limit))
        return view

    @property
    def door(self) -> WalletAppDoor:
        return WalletAppDoor(self.tokens, self.wallets, self.accept, self.look, self.links, allow_local=False)

    @property
    def brands(self) -> BrandsDoor:
        return BrandsDoor(self.tokens, self.wallets)

    @property
    def pass_links(self) -> PassLinksDoor:
        renew = RenewLink(self.wallets, self.links, self.clock)
        return PassLinksDoor(self.tokens, self.wallets, renew, RevokeLink(self.wallets, self.clock), self.links)

    def pass_(self, pass_id: str, kind: PassKind = PassKind.COUPON, tenant: str = TENANT) -> Pass:
        """A pass with a link that opens it."""
        template = {PassKind.COUPON: "ten-off", PassKind.STORECARD: "loyal"}[kind]
        plain = Pass(pass_id, tenant, "shop", template, kind, "m-1", "QR-1", "Ten off", START, START, "", 0, 0)
        held = RenewLink(self.wallets, self.links, self.clock)
        self.wallets.held[pass_id] = plain
        return held(plain)


def body(operation: Operation, *users: Any, **changed: Any) -> str:
    """The body of a call with the operation's usual head."""
    return json.dumps(HEADS[operation] | {"users": list(users)} | changed)
