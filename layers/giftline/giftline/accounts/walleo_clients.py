"""Who may call the Walleo door: an identifier, the API key that goes with it, and the key shared with us."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Protocol

from giftline.accounts.model import Ability, token_hash
from giftline.errors import FieldProblem, InvalidRequest, NotFound
from giftline.secret import Secret

KEY_PURPOSE: Final = "walleo"
"""Part of the seal of a shared key, so that it opens as nothing else."""
IDENTIFIER: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
API_KEY: Final = re.compile(r"[A-Za-z0-9._~+/=-]{20,200}")
SHARED_KEY: Final = re.compile(r"(?:[0-9A-Fa-f]{2}){16,64}")
SHARED_KEY_BYTES: Final = 32
CALLER_ABILITIES: Final = frozenset({Ability.ORDERS_STORE, Ability.ORDERS_GET, Ability.CARDS_GET})
"""All that the door asks for."""


@dataclass(frozen=True, slots=True)
class WalleoClient:
    """`key_hash` is that of the API key, which opens no other door; `sealed_key` is the shared key under KMS."""

    identifier: str
    tenant: str
    key_hash: str = field(repr=False)
    sealed_key: bytes = field(repr=False)
    abilities: frozenset[str] = CALLER_ABILITIES


@dataclass(frozen=True, slots=True)
class WalleoCredentials:
    """What a client signs with; `shared_key` in hexadecimal digits."""

    api_key: Secret
    shared_key: Secret


@dataclass(frozen=True, slots=True)
class Registered:
    """`made` are new keys, told this once; None where the client was there, or brought its own."""

    client: WalleoClient
    is_new: bool
    made: WalleoCredentials | None = None


class WalleoClients(Protocol):
    def find(self, identifier: str) -> WalleoClient | None: ...

    def add(self, client: WalleoClient) -> WalleoClient:
        """The client of that identifier: this one, or the one that was there before."""
        ...

    def change(self, before: WalleoClient, after: WalleoClient) -> None:
        """StaleWrite where it is no more what it was."""
        ...

    def remove(self, identifier: str) -> None:
        """Nothing happens where there is none."""
        ...


class SharedKeys(Protocol):
    """Seals and opens what a client shares with us."""

    def seal(self, tenant: str, secret: Secret) -> bytes: ...

    def open(self, tenant: str, sealed: bytes) -> Secret: ...


class SeenSignatures(Protocol):
    def add(self, signature_hash: str, until: int, request_id: str = "") -> bool:
        """Remember a signature until that second; False where it was seen before.

        It may come again with the same `request_id`, where there is one: that call has one answer for good.
        """
        ...

    def spend(self, signature_hash: str, until: int) -> None:
        """From now on it is refused, whatever it comes with."""
        ...


def new_credentials() -> WalleoCredentials:
    shared_key = secrets.token_hex(SHARED_KEY_BYTES).upper()
    return WalleoCredentials(Secret(f"wk_{secrets.token_urlsafe(32)}"), Secret(shared_key))


@dataclass(frozen=True, slots=True)
class ManageWalleoClients:
    """For those who run the installation."""

    clients: WalleoClients
    keys: SharedKeys
    has_tenant: Callable[[str], bool]

    def register(
        self,
        tenant: str,
        identifier: str,
        own: WalleoCredentials | None = None,
        abilities: frozenset[str] = CALLER_ABILITIES,
    ) -> Registered:
        """New keys, or the client's `own`. A client that is there stays as it is: only `renew` changes keys."""
        _check(identifier, own)
        if not self.has_tenant(tenant):
            raise NotFound(f"no tenant is called {tenant!r:.80}")
        known = self.clients.find(identifier)
        if known is None:
            made = own or new_credentials()
            client = self._client(tenant, identifier, made, abilities)
            known = self.clients.add(client)
            if known == client:
                return Registered(client, is_new=True, made=None if own else made)
        if known.tenant != tenant:
            problem = f"{identifier} is a client of {known.tenant}"
            raise InvalidRequest([FieldProblem("tenant", problem, f"{known.tenant}, or another identifier")])
        return Registered(known, is_new=False)

    def renew(self, identifier: str) -> Registered:
        """New keys; the old ones end at once."""
        before, made = self.find(identifier), new_credentials()
        after = self._client(before.tenant, identifier, made, before.abilities)
        self.clients.change(before, after)
        return Registered(after, is_new=False, made=made)

    def remove(self, identifier: str) -> None:
        self.clients.remove(self.find(identifier).identifier)

    def find(self, identifier: str) -> WalleoClient:
        """NotFound for what is no identifier, or nobody's."""
        client = self.clients.find(identifier) if IDENTIFIER.fullmatch(identifier) else None
        if client is None:
            raise NotFound(f"no Walleo client is called {identifier!a:.80}")
        return client

    def _client(
        self, tenant: str, identifier: str, credentials: WalleoCredentials, abilities: frozenset[str]
    ) -> WalleoClient:
        sealed = self.keys.seal(tenant, credentials.shared_key)
        return WalleoClient(identifier, tenant, token_hash(credentials.api_key), sealed, abilities)


def _check(identifier: str, own: WalleoCredentials | None) -> None:
    """InvalidRequest names what is wrong, and shows no key."""
    problems = []
    if not IDENTIFIER.fullmatch(identifier):
        problems.append(FieldProblem("identifier", "not an identifier", "1 to 64 letters, digits and . _ -"))
    if own and not API_KEY.fullmatch(own.api_key.reveal()):
        problems.append(FieldProblem("apiKey", "not a key", "20 to 200 letters, digits and . _ ~ + / = -"))
    if own and not SHARED_KEY.fullmatch(own.shared_key.reveal()):
        problems.append(FieldProblem("sharedKey", "not a key", "16 to 64 bytes in hexadecimal digits"))
    if problems:
        raise InvalidRequest(problems)
