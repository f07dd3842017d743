"""Apple's web service as phones call it (Apple, Adding a Web Service to Update Passes), and the button of the page."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final

from giftline.doors.answers import Reply
from giftline.doors.calls import Call, read_object, text_of
from giftline.doors.content import Content
from giftline.errors import FieldProblem, InvalidRequest, NotFound
from giftline.orders.ports import Clock
from giftline.passes.pkpass import MEDIA_TYPE, PassSigner
from giftline.wallet.devices import FetchPass, RegisterDevice, UnregisterDevice, UpdatedPasses, settled
from giftline.wallet.links import Links
from giftline.wallet.model import Millis, Pass
from giftline.wallet.opening import OpenedPass, OpenPass

MAX_BODY: Final = 16 * 1024
MAX_LOGS: Final = 10
MAX_LOG: Final = 200
DEVICE: Final = re.compile(r"[A-Za-z0-9._-]{1,128}")
PUSH_TOKEN: Final = re.compile(r"[0-9A-Fa-f]{1,200}")
TAG: Final = re.compile(r"[0-9]{1,15}")
TOKEN_LIKE: Final = re.compile(r"[A-Za-z0-9_+/=-]{16,}")
"""Anything long enough to be a token, a serial number or a device's id."""
NO_STORE: Final = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class AppleDoor:
    """Errors are raised; `error_reply` turns them into answers. Phones look at the status alone."""

    register_device: RegisterDevice
    unregister_device: UnregisterDevice
    updated_passes: UpdatedPasses
    fetch_pass: FetchPass
    open_pass: OpenPass
    signer: PassSigner
    links: Links
    web_service_url: str
    """To which a phone adds `/v1/…`; it takes https alone."""
    clock: Clock

    def register(self, call: Call, device: str, pass_type: str, serial: str) -> Reply:
        """201 for a new registration, 200 for a known one."""
        self._check(pass_type, device)
        is_new = self.register_device(serial, apple_token_of(call.headers), device, push_token_of(call))
        return Reply(201 if is_new else 200, {})

    def unregister(self, call: Call, device: str, pass_type: str, serial: str) -> Reply:
        """200, also where there was nothing to end: the phone asks again until it hears so."""
        self._check(pass_type, device)
        self.unregister_device(serial, apple_token_of(call.headers), device)
        return Reply(200, {})

    def updated(self, call: Call, device: str, pass_type: str) -> Reply | Content:
        """Serial numbers changed since the tag; 204 for none, which has no body."""
        self._check(pass_type, device)
        found = self.updated_passes(device, tag_of(call))
        if found is None:
            return Content(204, "application/json", b"")
        return Reply(200, {"serialNumbers": list(found.serials), "lastUpdated": str(found.tag)})

    def fetch(self, call: Call, pass_type: str, serial: str) -> Content:
        """The pass as it is now; 304 where the phone's is the same."""
        self._check(pass_type)
        opened = self.fetch_pass(serial, apple_token_of(call.headers))
        since = modified_since(call.headers)
        if since is not None and opened.held.updated_at // 1000 <= since:
            return Content(304, MEDIA_TYPE, b"", NO_STORE | self._modified(opened.held))
        return self._file(opened)

    def log(self, call: Call) -> Reply:
        """What phones complain about, for the operators' log: anybody may write here, so little of it is kept."""
        logs = logs_of(text_of(call))
        shown = [cleaned(one) for one in logs[:MAX_LOGS]]
        logging.getLogger(__name__).warning("phones report %d problems of passes: %s", len(logs), shown)
        return Reply(200, {})

    def pkpass(self, reference: str) -> Content:
        """For who holds the download link; NotFound alike for wrong, expired and revoked."""
        return self._file(self.open_pass(reference), {"Content-Disposition": 'attachment; filename="pass.pkpass"'})

    def _check(self, pass_type: str, device: str | None = None) -> None:
        if pass_type != self.signer.pass_type_id:
            raise NotFound("no passes of this type are made here")
        if device is not None and not DEVICE.fullmatch(device):
            expected = "1 to 128 letters, digits, dots, dashes and underscores"
            raise InvalidRequest([FieldProblem("device", "not a device library identifier", expected)])

    def _file(self, opened: OpenedPass, headers: Mapping[str, str] | None = None) -> Content:
        content = self.signer.pkpass(opened, self.links.apple_token(opened.held.id), self.web_service_url)
        return Content(200, MEDIA_TYPE, content, {**NO_STORE, **self._modified(opened.held), **(headers or {})})

    def _modified(self, held: Pass) -> dict[str, str]:
        """HTTP counts whole seconds: a pass that changed just now gets a date before that, and is fetched once more."""
        return {"Last-Modified": http_date(settled(held.updated_at, self.clock.now()))}


def apple_token_of(headers: Mapping[str, str]) -> str:
    """From `Authorization: ApplePass <token>`; empty for any other."""
    scheme, _, token = _header(headers, "authorization").partition(" ")
    return token.strip() if scheme.lower() == "applepass" else ""


def push_token_of(call: Call) -> str:
    """InvalidRequest for a body that is not {"pushToken": hex}."""
    token = read_object(text_of(call), MAX_BODY).get("pushToken")
    if not isinstance(token, str) or not PUSH_TOKEN.fullmatch(token):
        raise InvalidRequest([FieldProblem("pushToken", "missing or wrong", "1 to 200 hex digits")])
    return token


def tag_of(call: Call) -> Millis | None:
    """A tag that is none of ours counts as no tag: the phone then hears of all its passes."""
    tag = (call.query_string_parameters or {}).get("passesUpdatedSince")
    return int(tag) if isinstance(tag, str) and TAG.fullmatch(tag) else None


def modified_since(headers: Mapping[str, str]) -> int | None:
    """If-Modified-Since in seconds since 1970; None for none, and for what is no date."""
    try:
        date = parsedate_to_datetime(_header(headers, "if-modified-since"))
        return int((date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp())
    except (ValueError, TypeError, OverflowError):
        return None


def http_date(time: Millis) -> str:
    return format_datetime(datetime.fromtimestamp(time // 1000, UTC), usegmt=True)


def logs_of(text: str) -> list[str]:
    """InvalidRequest for a body that is not {"logs": [texts]}."""
    logs = read_object(text, MAX_BODY).get("logs")
    if not isinstance(logs, list):
        raise InvalidRequest([FieldProblem("logs", "missing or wrong", "a list of texts")])
    return [str(one) for one in logs]


def cleaned(text: str) -> str:
    """One short printable line in which no token stands."""
    printable = "".join(c if c.isprintable() else " " for c in text[: 4 * MAX_LOG])
    return TOKEN_LIKE.sub("…", printable)[:MAX_LOG]


def _header(headers: Mapping[str, str], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name), "") or ""
