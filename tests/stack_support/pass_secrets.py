"""What opens passes and signs webhooks, of everything that a stack has made, to be searched for."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from giftline.secret import Secret
from giftline.wallet.links import Links
from tests.stack_support.places import raw
from tests.stack_support.secrets import BASE64, decoded
from tests.stack_support.stack import Stack

LONGEST_ALONE = 24
"""Characters from which on a run of letters and digits may hold a secret."""
RUN = re.compile(rb"[A-Za-z0-9+/=_-]{%d,}" % LONGEST_ALONE)
HEX = re.compile(rb"(?:[2-7][0-9A-Fa-f]){%d,}" % LONGEST_ALONE)
WORD = re.compile(rb"[A-Za-z0-9._@+-]{8,}")
DEFLATED = b"\x78\x9c"


@dataclass(frozen=True, slots=True)
class PassSecrets:
    """`tokens`: links', phones', the keys, and what signs. `personal`: codes and e-mail addresses."""

    tokens: frozenset[bytes]
    personal: frozenset[bytes]

    def tokens_in(self, text: bytes) -> list[str]:
        """Raw, URL-encoded, in hex or in base64: the first letters of each that is there."""
        lengths = {len(token) for token in self.tokens}
        found = {
            run[at : at + length]
            for run in _runs(text)
            for length in lengths
            for at in range(len(run) - length + 1)
            if run[at : at + length] in self.tokens
        }
        return sorted(f"{token[:6].decode()}…" for token in found)

    def personal_in(self, text: bytes) -> list[str]:
        words = {word.strip(b".-") for word in WORD.findall(text)}
        return sorted(word.decode() for word in words & self.personal)


def _runs(text: bytes) -> Iterator[bytes]:
    yield from RUN.findall(text)
    for digits in HEX.findall(text):
        yield from RUN.findall(bytes.fromhex(digits.decode()))
    if b"%" in text:
        yield from RUN.findall(unquote_to_bytes(text))
    for run in BASE64.findall(text):
        for start in range(4):
            part = run[start:]
            yield from RUN.findall(decoded(part + b"A" * (-len(part) % 4)))


def pass_secrets(stack: Stack, webhook_secrets: Iterable[str]) -> PassSecrets:
    """Of every pass and member in the table, and of every generation of a link."""
    kept = wallet_secret(stack)
    links = Links(lambda: Secret(kept["link_key"]), "")
    tokens, personal = {kept["link_key"]}, set[str]()
    tokens |= {secret.removeprefix("whsec_") for secret in webhook_secrets}
    tokens |= {pem.splitlines()[3] for pem in (kept["apple_key"], kept["google_key"])}
    for item in wallet_items(stack):
        match item["sk"].get("S"):
            case "PASS":
                pass_id = item["pk"]["S"].removeprefix("PASS#")
                generations = range(1, int(item.get("link_generation", {"N": "1"})["N"]) + 1)
                tokens |= {links.token(pass_id, one) for one in generations} | {links.apple_token(pass_id)}
                personal.add(item["code"]["S"])
            case "MEMBER" if "email" in item:
                personal.add(item["email"]["S"])
    return PassSecrets(frozenset(map(str.encode, tokens)), frozenset(map(str.encode, personal)))


def wallet_secret(stack: Stack) -> dict[str, str]:
    arn = stack.physical_id("WalletSecrets")
    kept: dict[str, str] = json.loads(stack.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
    return kept


def wallet_items(stack: Stack) -> Iterator[dict[str, Any]]:
    pages = stack.client("dynamodb").get_paginator("scan").paginate(TableName=stack.outputs["WalletTableName"])
    yield from (item for page in pages for item in page["Items"])


def inflated(item: dict[str, Any]) -> bytes:
    """Everything an item holds; what is compressed, as it was before."""
    packed = (value.get("B", b"") for value in item.values())
    open_ones = (zlib.decompress(one) for one in packed if one.startswith(DEFLATED))
    return b"\n".join([raw(item), *open_ones])
