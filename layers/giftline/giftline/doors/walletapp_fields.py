"""Fields of the WalletApp calls: what each may hold, and every one that holds something else."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from giftline.doors.answers import MAX_SHOWN
from giftline.doors.lenient_json import DoubledFields
from giftline.errors import FieldProblem, InvalidRequest

MAX_POINTS: Final = 10**9
SHOWN: Final = 60
TWICE: Final = "stands there more than once"
ONCE: Final = "each field once"
Reader = Callable[[Any], Any]

_ID: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,20}")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ].{2,30})?")
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")
_LOCAL: Final = re.compile(r'[^@\s"(),:;<>\[\]\\.]+(?:\.[^@\s"(),:;<>\[\]\\.]+)*')
_LABEL: Final = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?")
_TRUE: Final = {"true": True, "1": True, "false": False, "0": False}


class Wrong(ValueError):
    """What is wrong with a value; what is expected stands with its kind."""


class WrongFields(InvalidRequest):
    """`problems` are the first ones of `total`."""

    def __init__(self, problems: Sequence[FieldProblem], total: int) -> None:
        super().__init__(problems)
        self.total = total


@dataclass(slots=True)
class Findings:
    """Every wrong field of a body; kept are as many as one answer shows, counted are all."""

    problems: list[FieldProblem] = field(default_factory=list)
    total: int = 0

    def add(self, place: str, problem: str, expected: str) -> None:
        self.total += 1
        if len(self.problems) < MAX_SHOWN:
            self.problems.append(FieldProblem(place, problem, expected))

    def check(self) -> None:
        """WrongFields, if there are any."""
        if self.total:
            raise WrongFields(self.problems, self.total)


@dataclass(frozen=True, slots=True)
class Kind:
    """`read` gives the value as it is kept, or raises Wrong."""

    expected: str
    read: Reader


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an object. `key`: its name once it is read, where that is another one.

    `most` above 0: it is a list of at most so many values of its kind.
    """

    name: str
    kind: Kind
    is_required: bool = False
    key: str = ""
    most: int = 0


def read_fields(content: Mapping[str, Any], fields: Sequence[Field], place: str, findings: Findings) -> dict[str, Any]:
    """The good values by key; absent, null and empty ones are left out. `place` ends with a dot or is empty."""
    if isinstance(content, DoubledFields):
        _find_doubled(content, fields, place, findings)
    values = {}
    for one in fields:
        value = content.get(one.name)
        if value is None or value == "" or (one.most and value == []):
            if one.is_required:
                findings.add(place + one.name, _absence(content, one.name), one.kind.expected)
            continue
        try:
            values[one.key or one.name] = _read_list(one, value, place, findings) if one.most else one.kind.read(value)
        except Wrong as wrong:
            findings.add(place + one.name, str(wrong), one.kind.expected)
    return values


def _find_doubled(content: DoubledFields, fields: Sequence[Field], place: str, findings: Findings) -> None:
    known = {one.name for one in fields}
    for name in content.names:
        if name in known:
            findings.add(place + name, TWICE, ONCE)


def _absence(content: Mapping[str, Any], name: str) -> str:
    return f"{shown(content[name])} stands there" if name in content else "missing"


def _read_list(one: Field, value: Any, place: str, findings: Findings) -> list[Any]:
    """Each value once, in the order they stand; wrong ones are found by their place in the list."""
    if not isinstance(value, list):
        findings.add(place + one.name, f"{shown(value)} is no list", f"a list, each of it {one.kind.expected}")
        return []
    if len(value) > one.most:
        findings.add(place + one.name, f"{len(value)} of them", f"at most {one.most}")
        return []
    read = []
    for at, item in enumerate(value):
        try:
            read.append(one.kind.read(item))
        except Wrong as wrong:
            findings.add(f"{place}{one.name}.{at}", str(wrong), one.kind.expected)
    return list(dict.fromkeys(read))


def shown(value: Any) -> str:
    """What stands there, in ASCII and short; a list or an object only by its size."""
    if isinstance(value, dict | list):
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    text = json.dumps(value[:SHOWN] if isinstance(value, str) else value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def text(most: int) -> Kind:
    """One line of text for people: no control characters, nor ones that break lines."""
    expected = f"text of 1 to {most} characters"
    return Kind(expected, lambda value: _line(value, most))


def code(most: int) -> Kind:
    """A name for machines, kept as it is: only characters that print."""
    return Kind(f"text of 1 to {most} printable characters", lambda value: _printable(value, most))


def _text(value: Any, most: int) -> str:
    if not isinstance(value, str):
        raise Wrong(f"{shown(value)} is no text")
    if not value:
        raise Wrong("empty")
    if len(value) > most:
        raise Wrong(f"{len(value)} characters")
    return value


def _printable(value: Any, most: int) -> str:
    if not _text(value, most).isprintable():
        raise Wrong(f"{shown(value)} holds a character that does not print")
    return str(value)


def _line(value: Any, most: int) -> str:
    line = _text(value, most)
    if not line.isprintable() and any(unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"} for c in line):
        raise Wrong(f"{shown(line)} holds a control character")
    return line


def _identity(value: Any) -> str:
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise Wrong(f"{shown(value)} is no id")
    return value


def _points(value: Any) -> int:
    if isinstance(value, float):
        raise Wrong(f"{shown(value)} is a decimal number")
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Wrong(f"{shown(value)} is no whole number")
    if abs(value) > MAX_POINTS:
        raise Wrong(f"{shown(value)} is out of range")
    return value


def _day(value: Any) -> str:
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise Wrong(f"{shown(value)} is no date")
    _check_calendar(value)
    return value[:10]


def _moment(value: Any) -> str:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        raise Wrong(f"{shown(value)} is no such time")
    _check_calendar(value)
    return value


def _check_calendar(value: str) -> None:
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise Wrong(f"{shown(value)} is not in the calendar") from error


def _email(value: Any) -> str:
    email = _printable(value, 254)
    local, _, domain = email.rpartition("@")
    labels = domain.split(".")
    good = len(local) <= 64 and _LOCAL.fullmatch(local) and len(labels) > 1 and all(map(_LABEL.fullmatch, labels))
    if not good:
        raise Wrong(f"{shown(value)} is no e-mail address")
    return email.lower()


def _boolean(value: Any) -> bool:
    word = json.dumps(value) if isinstance(value, int) else value
    known = _TRUE.get(word.lower()) if isinstance(word, str) else None
    if known is None:
        raise Wrong(f"{shown(value)} is neither")
    return known


def _licenseplate(value: Any) -> str:
    plate = _printable(value, 100).strip().upper()
    if not plate:
        raise Wrong("empty")
    if len(plate) > 20:
        raise Wrong(f"{len(plate)} characters")
    return plate


ID: Final = Kind("1 to 64 letters, digits, '-', '_' or '.'", _identity)
IDENTIFIER: Final = code(128)
CODE: Final = code(128)
URL: Final = Kind("https://host/path, at most 2000 characters", code(2_000).read)
TITLE: Final = text(100)
NAME: Final = text(100)
POINTS: Final = Kind('a whole number from -1000000000 to 1000000000, like 10, -5 or "+3"', _points)
DAY: Final = Kind("a date as YYYY-MM-DD", _day)
MOMENT: Final = Kind("a time as YYYY-MM-DD HH:MM:SS", _moment)
EMAIL: Final = Kind("an e-mail address like name@example.com", _email)
BOOLEAN: Final = Kind("true or false", _boolean)
LICENSEPLATE: Final = Kind("text of 1 to 20 printable characters", _licenseplate)
