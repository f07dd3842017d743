"""A call as every door reads it: who sends it, what its body says, what a number in its path is."""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

from giftline.accounts.authorizing import Tokens, authorize
from giftline.accounts.model import Ability, Access, token_hash
from giftline.errors import FieldProblem, Forbidden, InvalidRequest, TooLarge
from giftline.secret import Secret

MAX_DIGITS: Final = 9
MAX_EXPONENT: Final = 99_999
"""Far below what decimals can be reckoned with: a number beyond that raises as soon as its sign is changed."""
BEYOND: Final = "a number beyond all decimals"
Headers = Mapping[str, str]
Number = Callable[[str], Any]


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


class DoubledField(ValueError):
    """A field of a JSON object stands there twice: which of the two is meant, nobody can tell."""


def unique_fields(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """For `json.loads`: an object, or DoubledField."""
    made = dict(pairs)
    if len(made) != len(pairs):
        ((name, _),) = Counter(name for name, _ in pairs).most_common(1)
        raise DoubledField(f"the field {name!a:.80} stands there twice")
    return made


def exact(text: str) -> Decimal:
    """For `json.loads`: a number as it was written, or ValueError for one that is beyond all decimals."""
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueError(BEYOND) from error
    if abs(number.adjusted()) > MAX_EXPONENT:
        raise ValueError(BEYOND)
    return number


def load_json(text: str, expected: str = "a JSON object", number: Number = float) -> Any:
    """InvalidRequest for what is no JSON, or has a field twice. `number` reads what is not whole: amounts want `exact`.

    Not chained: a JSON error holds the whole body, and so the keys that may stand in it.
    """
    try:
        return json.loads(text, parse_float=number, object_pairs_hook=unique_fields)
    except DoubledField as error:
        raise InvalidRequest([FieldProblem("body", str(error), "each field once")]) from None
    except (ValueError, RecursionError) as error:
        where = f" at line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise InvalidRequest([FieldProblem("body", f"not JSON{where}", expected)]) from None


def read_object(text: str, most: int, expected: str = "a JSON object", number: Number = float) -> dict[str, Any]:
    """TooLarge for more than `most` bytes, InvalidRequest at `body` for what is no JSON object."""
    check_size(text, most)
    body = load_json(text, expected, number)
    if not isinstance(body, dict):
        raise InvalidRequest([FieldProblem("body", "not a JSON object", expected)])
    return body


def wrong(field: str, value: Any, expected: str) -> FieldProblem:
    """What stands there; a list or an object only by its size."""
    if value is None:
        return FieldProblem(field, "missing", expected)
    if isinstance(value, dict | list):
        return FieldProblem(field, f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}", expected)
    shown = float(value) if isinstance(value, Decimal) else value  # as it was written, more or less
    return FieldProblem(field, f"{shown!r:.60}", expected)


def unknown_fields(body: Mapping[str, Any], known: Sequence[str], place: str = "") -> list[FieldProblem]:
    """A field of no meaning may be a slip."""
    expected = f"only {', '.join(known)}"
    return [
        FieldProblem(f"{place}{name:.40}", "not a field of this call", expected) for name in body if name not in known
    ]


def access_of(tokens: Tokens, headers: Headers, ability: Ability) -> Access:
    """Whoever has the ability, and operators: `accounts` crosses tenants. The refusal names the ability."""
    token = token_of(headers)
    try:
        return authorize(tokens, token, ability)
    except Forbidden:
        access = tokens.find(token_hash(token))
        if access is None or not access.is_operator:
            raise
        return access


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
