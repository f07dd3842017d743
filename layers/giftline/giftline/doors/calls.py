"""A call as every door reads it: who sends it, what its body says, what a number in its path is."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any, Final, Protocol

from giftline.errors import FieldProblem, InvalidRequest, TooLarge
from giftline.secret import Secret

MAX_DIGITS: Final = 9
Headers = Mapping[str, str]


class Call(Protocol):
    """What a door needs of an API Gateway proxy event."""

    @property
    def headers(self) -> Headers: ...

    @property
    def body(self) -> str | None: ...

    @property
    def is_base64_encoded(self) -> bool | None: ...

    @property
    def query_string_parameters(self) -> Mapping[str, Any]: ...


def token_of(headers: Headers) -> Secret:
    """From X-Api-Key, else from Authorization: Bearer; header names in any case."""
    known = {name.lower(): value for name, value in headers.items()}
    if key := known.get("x-api-key", "").strip():
        return Secret(key)
    scheme, _, token = known.get("authorization", "").partition(" ")
    return Secret(token.strip() if scheme.lower() == "bearer" else "")


def text_of(call: Call) -> str:
    """The body as text; the gateway hands over what is not text in base64."""
    if not call.is_base64_encoded:
        return call.body or ""
    try:
        return base64.b64decode(call.body or "", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise InvalidRequest([FieldProblem("body", "not UTF-8 text", "a JSON object")]) from error


def check_size(text: str, most: int) -> None:
    """TooLarge for a body of more than `most` bytes."""
    if len(text.encode(errors="surrogatepass")) > most:
        raise TooLarge(f"the body is larger than {most} bytes; expected at most that")


def whole_number(text: Any) -> int | None:
    """Digits alone, and not too many of them; None for anything else."""
    good = isinstance(text, str) and text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
    return int(text) if good else None
