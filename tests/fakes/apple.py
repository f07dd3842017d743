"""Apple's web service with everything behind it in memory, and phones that call it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import Any

from giftline.doors.answers import Reply
from giftline.doors.apple import AppleDoor
from giftline.doors.content import Content
from giftline.passes.pkpass import PassSigner
from giftline.secret import Secret
from giftline.wallet.devices import FetchPass, HeldPass, RegisterDevice, UnregisterDevice, UpdatedPasses
from giftline.wallet.model import Pass
from giftline.wallet.opening import OpenPass
from local.wallet_keys import PASS_TYPE_ID, TEAM_ID, make_keys
from tests.fakes.devices import FakeDevices
from tests.fakes.passes import BRAND, LINKS, held_pass
from tests.fakes.time import START, FakeClock
from tests.fakes.wallet import FakeWallets

PHONE = "6a1b6b1c9e0f4d5e8a7b"
SECOND_PHONE = "device-2"
PUSH = "ab" * 32
URL = "https://passes.example.com/apple"


@dataclass
class FakeCall:
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None
    is_base64_encoded: bool | None = False
    query_string_parameters: Mapping[str, Any] = field(default_factory=dict)


@cache
def signer() -> PassSigner:
    keys = make_keys(datetime.fromtimestamp(START / 1000, UTC))[0]
    texts = (keys["apple_certificate"], Secret(keys["apple_key"]), keys["apple_intermediate"])
    return PassSigner(*texts, PASS_TYPE_ID, TEAM_ID, lambda: START)


class Service:
    """The door with everything behind it in memory."""

    def __init__(self, *passes: Pass) -> None:
        self.clock = FakeClock()
        self.wallets = FakeWallets(brands={(BRAND.tenant, BRAND.id): BRAND})
        self.wallets.seed(*(passes or (held_pass(),)))
        self.devices = FakeDevices(self.wallets)
        held = HeldPass(self.wallets, LINKS)
        self.door = AppleDoor(
            register_device=RegisterDevice(held, self.devices),
            unregister_device=UnregisterDevice(held, self.devices),
            updated_passes=UpdatedPasses(self.wallets, self.devices, self.clock),
            fetch_pass=FetchPass(held, self.wallets),
            open_pass=OpenPass(self.wallets, LINKS, self.clock),
            signer=signer(),
            links=LINKS,
            web_service_url=URL,
            clock=self.clock,
        )

    def register(self, serial: str, device: str = PHONE, body: str | None = None, **headers: str) -> Reply:
        text = json.dumps({"pushToken": PUSH}) if body is None else body
        return self.door.register(FakeCall(headers or shown(serial), text), device, PASS_TYPE_ID, serial)

    def unregister(self, serial: str, device: str = PHONE) -> Reply:
        return self.door.unregister(FakeCall(shown(serial)), device, PASS_TYPE_ID, serial)

    def updated(self, tag: str | None = None, device: str = PHONE) -> Reply | Content:
        query = {} if tag is None else {"passesUpdatedSince": tag}
        return self.door.updated(FakeCall(query_string_parameters=query), device, PASS_TYPE_ID)

    def listed(self, tag: str | None = None) -> tuple[list[str], str]:
        answer = self.updated(tag)
        assert isinstance(answer, Reply)
        return answer.body["serialNumbers"], answer.body["lastUpdated"]

    def fetch(self, serial: str, since: str = "") -> Content:
        headers = shown(serial) | ({"If-Modified-Since": since} if since else {})
        return self.door.fetch(FakeCall(headers), PASS_TYPE_ID, serial)

    def change(self, serial: str, at: int, **changes: Any) -> None:
        one = self.wallets.passes([serial])[serial]
        self.wallets.save_pass(replace(one, updated_at=at, **changes))

    def held(self, serial: str) -> Pass:
        return self.wallets.passes([serial])[serial]


def shown(serial: str) -> dict[str, str]:
    return {"Authorization": f"ApplePass {LINKS.apple_token(serial)}"}


def content_of(answer: Content) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        made: dict[str, Any] = json.loads(archive.read("pass.json"))
    return made


SERIAL = held_pass().id
OTHER = held_pass(1)
