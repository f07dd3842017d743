"""A state machine's definition, compiled once to steps: what the machine of a run then walks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.simulation.expressions import Scope, Value, template

FULFIL_ORDER = Path(__file__).parents[2] / "statemachine" / "fulfil_order.asl.yaml"
KINDS = ("Task", "Map", "Choice", "Wait", "Pass", "Succeed", "Fail")
Output = Callable[[Scope], Any]


@dataclass(frozen=True, slots=True)
class Retrier:
    """Waits in ms: `first` × `rate` for each attempt, at most `longest`."""

    errors: tuple[str, ...]
    first: float
    rate: float
    attempts: int
    longest: float
    jitter: bool

    def wait(self, attempt: int) -> int:
        return int(min(self.first * self.rate ** (attempt - 1), self.longest))


@dataclass(frozen=True, slots=True)
class Catcher:
    errors: tuple[str, ...]
    next: str
    output: Output | None
    assign: tuple[tuple[str, Value], ...]


@dataclass(frozen=True, slots=True)
class State:
    """`next` empty where the walk ends here."""

    name: str
    kind: str
    next: str = ""
    output: Output | None = None
    assign: tuple[tuple[str, Value], ...] = ()
    function: str = ""
    arguments: Value | None = None
    timeout: int = 0
    retriers: tuple[Retrier, ...] = ()
    catchers: tuple[Catcher, ...] = ()
    choices: tuple[tuple[Value, str], ...] = ()
    timestamp: Value | None = None
    seconds: Value | None = None
    items: Value | None = None
    side_by_side: int = 0
    inner: Definition | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Definition:
    start: str
    states: Mapping[str, State] = field(repr=False)


@cache
def read_definition(path: Path = FULFIL_ORDER) -> Definition:
    return compile_definition(yaml.safe_load(path.read_text(encoding="utf-8")))


def compile_definition(machine: Mapping[str, Any]) -> Definition:
    return Definition(machine["StartAt"], {name: _state(name, given) for name, given in machine["States"].items()})


def _state(name: str, given: Mapping[str, Any]) -> State:
    """One state; NotImplementedError names a kind or a field that the walk would not obey."""
    kind = given["Type"]
    unknown = set(given) - _FIELDS[kind] if kind in KINDS else {kind}
    if unknown:
        raise NotImplementedError(f"state {name}: {', '.join(sorted(unknown))} is not simulated")
    if kind == "Choice":
        return _choice(name, given)
    return State(
        name,
        kind,
        next=given.get("Next", ""),
        output=template(given["Output"]) if "Output" in given else None,
        assign=_assignments(given),
        function=_function_name(given.get("Resource", "")),
        arguments=template(given["Arguments"]) if "Arguments" in given else None,
        timeout=1000 * int(given.get("TimeoutSeconds", 0)),
        retriers=tuple(_retrier(one) for one in given.get("Retry", ())),
        catchers=tuple(_catcher(one) for one in given.get("Catch", ())),
        timestamp=template(given["Timestamp"]) if "Timestamp" in given else None,
        seconds=template(given["Seconds"]) if "Seconds" in given else None,
        items=template(given["Items"]) if "Items" in given else None,
        side_by_side=int(given.get("MaxConcurrency", 0)),
        inner=compile_definition(given["ItemProcessor"]) if "ItemProcessor" in given else None,
        error=given.get("Error", ""),
    )


def _choice(name: str, given: Mapping[str, Any]) -> State:
    if any(set(choice) - {"Condition", "Next", "Comment"} for choice in given["Choices"]):
        raise NotImplementedError(f"state {name}: a choice of a condition and a Next is simulated, and nothing else")
    choices = tuple((template(choice["Condition"]), str(choice["Next"])) for choice in given["Choices"])
    return State(name, "Choice", next=given.get("Default", ""), choices=choices)


def _retrier(given: Mapping[str, Any]) -> Retrier:
    return Retrier(
        errors=tuple(given["ErrorEquals"]),
        first=1000 * float(given.get("IntervalSeconds", 1)),
        rate=float(given.get("BackoffRate", 2)),
        attempts=int(given.get("MaxAttempts", 3)),
        longest=1000 * float(given.get("MaxDelaySeconds", 86_400)),
        jitter=given.get("JitterStrategy") == "FULL",
    )


def _catcher(given: Mapping[str, Any]) -> Catcher:
    output = template(given["Output"]) if "Output" in given else None
    return Catcher(tuple(given["ErrorEquals"]), given["Next"], output, _assignments(given))


def _assignments(given: Mapping[str, Any]) -> tuple[tuple[str, Value], ...]:
    return tuple((name, template(value)) for name, value in given.get("Assign", {}).items())


def _function_name(resource: str) -> str:
    """create_order of ${CreateOrderFunctionArn}."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", resource[2:].removesuffix("FunctionArn}")).lower()


_ALL = {"Type", "Comment", "Next", "End", "Output", "Assign"}
_CAUGHT = {"Retry", "Catch"}
_FIELDS = {
    "Task": _ALL | _CAUGHT | {"Resource", "Arguments", "TimeoutSeconds"},
    "Map": _ALL | _CAUGHT | {"Items", "MaxConcurrency", "ItemProcessor"},
    "Choice": {"Type", "Comment", "Choices", "Default"},
    "Wait": _ALL | {"Timestamp", "Seconds"},
    "Pass": _ALL,
    "Succeed": {"Type", "Comment", "Output"},
    "Fail": {"Type", "Comment", "Error", "Cause"},
}
