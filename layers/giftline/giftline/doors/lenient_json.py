"""JSON bodies as WalletApp's clients send them: a comma too many is forgiven, a field that stands twice is not."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any, Final

from giftline.doors.calls import check_size
from giftline.errors import FieldProblem, InvalidRequest

# why possessive, and a string that may lack its end: each character is looked at once, whatever the body
_STRING_OR_TRAILING_COMMA: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|,(?=\s*+[\]}])', re.DOTALL)


class DoubledFields(dict[str, Any]):
    """An object some of whose fields stand there more than once; `names` are those."""

    names: tuple[str, ...] = ()


def load_object(text: str, most: int, expected: str) -> dict[str, Any]:
    """TooLarge for more than `most` bytes, InvalidRequest at `body` for what is no JSON object."""
    check_size(text, most)
    body = _load(text, expected)
    if not isinstance(body, dict):
        raise InvalidRequest([FieldProblem("body", "not a JSON object", expected)])
    return body


def _load(text: str, expected: str) -> Any:
    try:
        return _loads(text)
    except json.JSONDecodeError:
        # The document's own example of /bulk/licenseplates has a comma before a closing brace.
        return _load_strictly(without_trailing_commas(text), expected)
    except (ValueError, RecursionError) as error:
        raise _not_json("a number too long, or lists too deep", expected) from error


def _load_strictly(text: str, expected: str) -> Any:
    try:
        return _loads(text)
    except json.JSONDecodeError as error:
        raise _not_json(f"line {error.lineno}, column {error.colno}", expected) from error
    except (ValueError, RecursionError) as error:
        raise _not_json("a number too long, or lists too deep", expected) from error


def _not_json(where: str, expected: str) -> InvalidRequest:
    return InvalidRequest([FieldProblem("body", f"not JSON: {where}", expected)])


def _loads(text: str) -> Any:
    return json.loads(text, object_pairs_hook=_object)


def without_trailing_commas(text: str) -> str:
    """Commas before a closing bracket become spaces, outside strings; every place stays what it was."""
    return _STRING_OR_TRAILING_COMMA.sub(lambda found: " " if found[0] == "," else found[0], text)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    doubled = DoubledFields(made)
    doubled.names = tuple(name for name, times in Counter(name for name, _ in pairs).items() if times > 1)
    return doubled
