"""The operators' calls that let a tenant in at the Walleo door: its identifier and its keys."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability
from giftline.accounts.walleo_clients import ManageWalleoClients, Registered, WalleoClient, WalleoCredentials
from giftline.doors.answers import Reply
from giftline.doors.calls import Call, read_object, text_of, token_of, unknown_fields
from giftline.errors import FieldProblem, InvalidRequest
from giftline.secret import Secret

MAX_BODY: Final = 4 * 1024
KEYS: Final = ("apiKey", "sharedKey")
FIELDS: Final = ("tenant", *KEYS)


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """`own`: keys that the client has already, so that it changes nothing but its base URL."""

    tenant: str
    own: WalleoCredentials | None


@dataclass(frozen=True, slots=True)
class WalleoClientsDoor:
    """Errors are raised; `error_reply` turns them into answers. New keys are told once, and by no other call."""

    tokens: Tokens
    manage: ManageWalleoClients

    def register(self, call: Call, identifier: str) -> Reply:
        """201 with new keys, or without the client's own; 200 without keys for what is there already."""
        who, named = self._operator(call), unquote(identifier)
        asked = parse_client(text_of(call))
        found = self.manage.register(asked.tenant, named, asked.own)
        if found.is_new:
            _log("registered", found.client, who)
        return Reply(201 if found.is_new else 200, described(found))

    def show(self, call: Call, identifier: str) -> Reply:
        self._operator(call)
        return Reply(200, _client(self.manage.find(unquote(identifier))))

    def renew_keys(self, call: Call, identifier: str) -> Reply:
        who = self._operator(call)
        found = self.manage.renew(unquote(identifier))
        _log("given new keys", found.client, who)
        return Reply(200, described(found))

    def remove(self, call: Call, identifier: str) -> Reply:
        who = self._operator(call)
        client = self.manage.find(unquote(identifier))
        self.manage.remove(client.identifier)
        _log("removed", client, who)
        return Reply(200, _client(client))

    def _operator(self, call: Call) -> str:
        return authorize(self.tokens, token_of(call.headers), Ability.ACCOUNTS).tenant


def parse_client(text: str) -> ClientRequest:
    """TooLarge, or InvalidRequest naming every wrong field; what a key was is never repeated."""
    body = read_object(text, MAX_BODY, "a JSON object with tenant, and perhaps apiKey and sharedKey")
    problems = unknown_fields(body, FIELDS)
    tenant, keys = body.get("tenant"), [body.get(name) for name in KEYS]
    if not isinstance(tenant, str) or not tenant.isascii() or not tenant:
        problems.append(FieldProblem("tenant", "missing" if tenant is None else "not a name", "a tenant's name"))
    is_given = any(key is not None for key in keys)
    for name, key in zip(KEYS, keys, strict=True):
        if is_given and not isinstance(key, str):
            problem = "missing beside the other key" if key is None else "not a text"
            problems.append(FieldProblem(name, problem, "both keys, or none: then they are made"))
    if problems:
        raise InvalidRequest(problems)
    own = WalleoCredentials(*(Secret(str(key)) for key in keys)) if is_given else None
    return ClientRequest(str(tenant), own)


def described(found: Registered) -> dict[str, Any]:
    """With the keys in the clear where they were made by this call."""
    made = found.made
    keys = {"apiKey": made.api_key.reveal(), "sharedKey": made.shared_key.reveal()} if made else {}
    return _client(found.client) | keys


def _client(client: WalleoClient) -> dict[str, Any]:
    return {"identifier": client.identifier, "tenant": client.tenant, "abilities": sorted(client.abilities)}


def _log(what: str, client: WalleoClient, who: str) -> None:
    logging.getLogger(__name__).info("Walleo client %s of %s %s by %r", client.identifier, client.tenant, what, who)
