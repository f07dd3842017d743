"""What is told of a call: how it is made, who may make it, what it answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

Schema = Mapping[str, Any]
"""JSON Schema 2020-12."""
JSON: Final = "application/json"
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")


class Entry(StrEnum):
    """How a caller shows who it is."""

    TOKEN = "token"  # noqa: S105  # a name: a tenant's or an operator's token
    SIGNED = "signed"  # the Walleo document's signature
    APPLE_PASS = "apple_pass"  # noqa: S105  # a name: what a pass brings into a phone
    OPEN = "open"  # nothing, or what stands in the path


@dataclass(frozen=True, slots=True)
class Parameter:
    """`place` is path, query or header; one of a path is always required."""

    name: str
    schema: Schema
    description: str = ""
    place: str = "query"
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """`example` is one that works on a stack with the sample data."""

    schema: Schema
    example: Any = None
    media_type: str = JSON


@dataclass(frozen=True, slots=True)
class Answer:
    """`schema` None: it has no body, or one that is no JSON."""

    description: str
    schema: Schema | None = None
    media_types: tuple[str, ...] = (JSON,)
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One call. `refuses` are the statuses of its door's refusals that it may answer, beside those of every call."""

    method: str
    path: str
    id: str
    summary: str
    answers: Mapping[int, Answer]
    refuses: tuple[int, ...] = ()
    description: str = ""
    abilities: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None

    @property
    def path_names(self) -> list[str]:
        return PLACEHOLDER.findall(self.path)


@dataclass(frozen=True, slots=True)
class Refusals:
    """A door's errors: their one shape, and what each status of them means. `always`: any call may answer so."""

    schema: Schema
    meanings: Mapping[int, str]
    always: tuple[int, ...] = ()
    media_types: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True)
class Door:
    """Calls of one document, served by one function."""

    name: str
    description: str
    function: str
    refusals: Refusals
    operations: tuple[Operation, ...]
    schemas: Mapping[str, Schema] = field(default_factory=dict)
    entry: Entry = Entry.TOKEN
    is_on_passes_api: bool = False

    def answers_of(self, operation: Operation) -> Iterator[tuple[int, Answer]]:
        """Its own answers and its refusals, by status; a name in the path may always be of nothing."""
        unknown = (404,) if operation.path_names else ()
        statuses = {*operation.refuses, *self.refusals.always, *unknown} - set(operation.answers)
        refused = {status: self._refusal(status) for status in statuses}
        yield from sorted({**operation.answers, **refused}.items())

    def _refusal(self, status: int) -> Answer:
        return Answer(self.refusals.meanings[status], self.refusals.schema, self.refusals.media_types)
