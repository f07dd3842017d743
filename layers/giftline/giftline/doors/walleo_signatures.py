"""Whether a call of the Walleo door is signed, by whom it says, now, and for the first time."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import quote, quote_plus, urlencode

from giftline.accounts.model import Ability, token_hash
from giftline.accounts.walleo_clients import IDENTIFIER, SeenSignatures, SharedKeys, WalleoClient, WalleoClients
from giftline.doors.calls import Call, check_size, text_of
from giftline.doors.walleo_refusals import BadRequest, InvalidSignature, Unauthorized
from giftline.doors.walleo_requests import MAX_BODY, load
from giftline.errors import InvalidRequest
from giftline.secret import Secret
from giftline.suppliers.walleo_signing import signature

if TYPE_CHECKING:
    from giftline.orders.ports import Clock

TOLERANCE: Final = 300
"""Seconds, real ones, between the client's clock and ours."""
REMEMBERED: Final = 2 * TOLERANCE + 60
"""Seconds for which a signature is kept: by then its timestamp is too old, whichever clock was wrong."""
SCHEME: Final = re.compile(r"Bearer +([^\s,]+)\s*,(.*)", re.IGNORECASE | re.DOTALL)
TIMESTAMP: Final = re.compile(r"[1-9][0-9]{0,11}")
UNESCAPED: Final = ("", "!'()*", "!$&'()*+,;=:@")
"""What clients leave as it is in a path: RFC 3986's unreserved, encodeURIComponent's, all that a path may hold."""
UNESCAPED_IN_QUERY: Final = ("", "!'()*", "!$'()*,;:@/?")
"""The same of a query, where `&`, `=` and `+` mean something."""
NAMES_IN_ANY_ORDER: Final = 3
"""So many names of a query at most are tried in every order."""


class Context(Protocol):
    """What the gateway says of a call: where it came in, which no header of the call can change."""

    @property
    def api_id(self) -> str: ...

    @property
    def domain_name(self) -> str | None: ...

    @property
    def path(self) -> str: ...

    @property
    def stage(self) -> str: ...


class SignedCall(Call, Protocol):
    """What is signed, beside the body."""

    @property
    def http_method(self) -> str: ...

    @property
    def path(self) -> str: ...

    @property
    def request_context(self) -> Context: ...


BaseUrls = Callable[[SignedCall], Sequence[str]]
"""What the path of this call may have stood behind, as its client has been told."""


@dataclass(frozen=True, slots=True)
class Given:
    """The Authorization header; what is missing in it is empty."""

    key: Secret
    identifier: str
    signature: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Whom a signed call speaks for, and the JSON that it signed; None where it has no body.

    `signature_hash` names the signature among those that were seen.
    """

    tenant: str
    body: Any = None
    signature_hash: str = ""


@dataclass(frozen=True, slots=True)
class CheckSignature:
    """Unauthorized for who calls, InvalidSignature for what is signed, when, and how often (docs/protocols.md)."""

    clients: WalleoClients
    keys: SharedKeys
    seen: SeenSignatures
    clock: Clock
    base_urls: BaseUrls

    def __call__(self, call: SignedCall, *abilities: Ability) -> Caller:
        """What buys something asks `once` too. A call that changes nothing may come again: a client may well
        ask twice in one second.
        """
        given = read_authorization(call)
        client = self._client(given, abilities)
        text = _text(call)
        check_size(text, MAX_BODY)
        body = load(text) if text else None
        self._check(call, given, self.keys.open(client.tenant, client.sealed_key), _payloads(text, body))
        name = hashlib.sha256(f"{given.identifier} {given.signature}".encode()).hexdigest()
        return Caller(client.tenant, body, name)

    def once(self, caller: Caller, request_id: str = "") -> None:
        """InvalidSignature where the signature was seen before, but with that `request_id`: a request that comes
        again under its own id buys nothing more, and clients of a lost answer send just that.
        """
        if not self.seen.add(caller.signature_hash, self._until, request_id):
            raise InvalidSignature

    def spend(self, caller: Caller) -> None:
        """After a refusal: what was captured on its way is not taken later, when its client believes it dead."""
        self.seen.spend(caller.signature_hash, self._until)

    @property
    def _until(self) -> int:
        return self.clock.now() // 1_000 + REMEMBERED

    def _client(self, given: Given, abilities: Iterable[Ability]) -> WalleoClient:
        """The identifier and the key must belong together."""
        client = self.clients.find(given.identifier) if IDENTIFIER.fullmatch(given.identifier) else None
        if client is None or not hmac.compare_digest(token_hash(given.key), client.key_hash):
            raise Unauthorized
        if not client.abilities.issuperset(abilities):
            raise Unauthorized
        return client

    def _check(self, call: SignedCall, given: Given, key: Secret, payloads: Sequence[str]) -> None:
        if not TIMESTAMP.fullmatch(given.timestamp):
            raise InvalidSignature
        at = int(given.timestamp)
        expected = [
            signature(key.reveal(), call.http_method.upper(), url, payload, given.identifier, at)
            for url in _urls(self.base_urls(call), call)
            for payload in payloads
        ]
        # all are compared, whichever fits: the time taken tells nothing
        fits = sum(hmac.compare_digest(one.encode(), given.signature.encode()) for one in expected)
        if not fits or abs(self.clock.now() // 1_000 - at) > TOLERANCE:
            raise InvalidSignature


def read_authorization(call: Call) -> Given:
    """`Bearer KEY, Id=IDENTIFIER, Signature=SIG, Timestamp=UTC_SECONDS`, the last three in any order."""
    header = next((value for name, value in call.headers.items() if name.lower() == "authorization"), "")
    found = SCHEME.fullmatch(header.strip()) if header.isascii() else None
    if found is None:
        raise Unauthorized
    fields = {name.strip().lower(): value.strip() for name, _, value in (p.partition("=") for p in found[2].split(","))}
    return Given(
        key=Secret(found[1]),
        identifier=fields.get("id", ""),
        signature=fields.get("signature", "").lower(),
        timestamp=fields.get("timestamp", ""),
    )


def gateway_urls(local_endpoint: str = "", others: Sequence[str] = ()) -> BaseUrls:
    """Where the gateway says that the call came in; on one machine, where `local_endpoint` leads to the same API.
    `others` are further addresses that clients were given, such as those of a proxy before the gateway.
    """
    further = [url.rstrip("/") for url in others]

    def urls(call: SignedCall) -> list[str]:
        context = call.request_context
        found = [f"{host}/_aws/execute-api/{context.api_id}/{context.stage}" for host in _hosts(local_endpoint)]
        if context.domain_name:  # its path begins with the stage, or with what a domain of our own has there
            found.append(f"https://{context.domain_name}{context.path.removesuffix(call.path).rstrip('/')}")
        return found + further

    return urls


def _hosts(endpoint: str) -> list[str]:
    """This machine's two names are one."""
    if not endpoint:
        return []
    names = ("//127.0.0.1", "//localhost")
    return list(dict.fromkeys(endpoint.replace(one, other) for one in names for other in names))


def _urls(bases: Sequence[str], call: SignedCall) -> list[str]:
    """The URL as the client called it. The gateway may have decoded the path, so its encoded forms count too."""
    endings = _endings(call.query_string_parameters or {})
    paths = dict.fromkeys((call.path, *(quote(call.path, safe="/" + safe) for safe in UNESCAPED)))
    return [base + path + ending for base in bases for path in paths if _is_text(path) for ending in endings]


def _endings(query: Mapping[str, Any]) -> Sequence[str]:
    """The query as the client may have written it: the gateway decodes it, and keeps no order of its names. No call
    of this door reads one.
    """
    if not query:
        return [""]
    given = list(query.items())
    orders = permutations(given) if len(given) <= NAMES_IN_ANY_ORDER else (given, sorted(given))
    ways = [(quote_plus, ""), *((quote, safe) for safe in UNESCAPED_IN_QUERY)]
    written = (urlencode(order, safe=safe, quote_via=way) for order in orders for way, safe in ways)
    return list(dict.fromkeys(f"?{one}" for one in written))


def _text(call: SignedCall) -> str:
    try:
        return text_of(call)
    except InvalidRequest as error:
        raise BadRequest("The body is not UTF-8 text") from error


def _payloads(text: str, body: Any) -> list[str]:
    """Compact, keys sorted at every level; some clients escape what is not ASCII, and some do not."""
    if not text:
        return [""]
    try:
        forms = [
            json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=escaped) for escaped in (True, False)
        ]
    except RecursionError as error:  # reading it went a little deeper
        raise BadRequest("The body is nested too deeply") from error
    return [form for form in dict.fromkeys(forms) if _is_text(form)]


def _is_text(text: str) -> bool:
    """Half of a surrogate pair cannot be signed."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
