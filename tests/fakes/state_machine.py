"""Walks a state machine's definition: the states, choices, waits and errors that ours uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.fakes.time import FakeClock

DEFINITION = Path(__file__).parents[2] / "statemachine" / "fulfil_order.asl.yaml"
EVENTS = {"Task": 5, "Map": 4, "Wait": 2, "Choice": 2, "Pass": 2, "Succeed": 1, "Fail": 1}
"""History events of one visit; an iteration of a Map has two of its own."""

Task = Callable[[dict[str, Any]], Any]


@cache
def read_definition() -> dict[str, Any]:
    definition: dict[str, Any] = yaml.safe_load(DEFINITION.read_text(encoding="utf-8"))
    return definition


class ExecutionFailed(Exception):
    """The execution ended in a Fail state."""


@dataclass
class Walk:
    """One execution. `tasks` by function, such as create_order; counts are what is billed."""

    tasks: Mapping[str, Task]
    clock: FakeClock
    definition: dict[str, Any] = field(default_factory=read_definition)
    transitions: int = 0
    events: int = 2
    visited: list[str] = field(default_factory=list)
    most_transitions: int = 5_000

    def run(self, order_id: str) -> Any:
        return self._walk(self.definition, {"order_id": order_id}, {})

    def visits(self, name: str) -> int:
        return self.visited.count(name)

    def _walk(self, machine: dict[str, Any], given: Any, variables: dict[str, Any]) -> Any:
        name = machine["StartAt"]
        while True:
            state = machine["States"][name]
            self.transitions += 1
            self.events += EVENTS[state["Type"]]
            self.visited.append(name)
            if self.transitions > self.most_transitions:
                raise AssertionError(f"{self.transitions} transitions, and no end")
            following, given = getattr(self, f"_{state['Type'].lower()}")(state, given, variables)
            if following is None:
                return given
            name = following

    def _task(self, state: dict[str, Any], given: Any, variables: dict[str, Any]) -> tuple[str | None, Any]:
        function = re.sub(r"(?<!^)(?=[A-Z])", "_", state["Resource"][2:].removesuffix("FunctionArn}")).lower()
        arguments = self._value(state["Arguments"], {"input": given}, variables)
        retries = state["Retry"][0]["MaxAttempts"]
        while True:
            try:
                result = self.tasks[function](arguments)
            except Exception as error:  # noqa: BLE001 - States.ALL
                if not retries:
                    return self._caught(state, given, variables, error)
                retries -= 1
                self.transitions += 1
                self.events += 3
            else:
                return self._left(state, {"input": given, "result": result}, variables, result)

    def _caught(
        self, state: dict[str, Any], given: Any, variables: dict[str, Any], error: Exception
    ) -> tuple[str, Any]:
        catch = state["Catch"][0]
        about = {"input": given, "errorOutput": {"Error": type(error).__name__, "Cause": ""}}
        output = self._value(catch["Output"], about, variables) if "Output" in catch else about["errorOutput"]
        return catch["Next"], output

    def _left(
        self, state: dict[str, Any], states: dict[str, Any], variables: dict[str, Any], plain: Any
    ) -> tuple[str | None, Any]:
        output = self._value(state["Output"], states, variables) if "Output" in state else plain
        variables |= self._value(state.get("Assign", {}), states, variables)
        return state.get("Next"), output

    def _map(self, state: dict[str, Any], given: Any, variables: dict[str, Any]) -> tuple[str | None, Any]:
        items = self._value(state["Items"], {"input": given}, variables)
        self.events += 2 * len(items)
        try:
            results = [self._walk(state["ItemProcessor"], item, dict(variables)) for item in items]
        except ExecutionFailed as error:
            return self._caught(state, given, variables, error)
        return self._left(state, {"input": given, "result": results}, variables, results)

    def _choice(self, state: dict[str, Any], given: Any, variables: dict[str, Any]) -> tuple[str, Any]:
        for choice in state["Choices"]:
            if self._value(choice["Condition"], {"input": given}, variables):
                return choice["Next"], given
        return state["Default"], given

    def _wait(self, state: dict[str, Any], given: Any, variables: dict[str, Any]) -> tuple[str, Any]:
        until = datetime.fromisoformat(self._value(state["Timestamp"], {"input": given}, variables))
        self.clock.time = max(self.clock.time, round(until.timestamp() * 1000))
        return state["Next"], given

    def _pass(self, state: dict[str, Any], given: Any, variables: dict[str, Any]) -> tuple[str | None, Any]:
        return self._left(state, {"input": given}, variables, given)

    def _succeed(self, state: dict[str, Any], given: Any, variables: dict[str, Any]) -> tuple[None, Any]:
        return None, given

    def _fail(self, state: dict[str, Any], given: Any, variables: dict[str, Any]) -> tuple[None, Any]:
        raise ExecutionFailed(state["Error"])

    def _value(self, template: Any, states: dict[str, Any], variables: dict[str, Any]) -> Any:
        if isinstance(template, dict):
            return {key: self._value(value, states, variables) for key, value in template.items()}
        if not (isinstance(template, str) and template.startswith("{%")):
            return template
        text = template[2:-2].strip()
        if " in " in text:
            path, _, words = text.partition(" in ")
            return self._path(path, states, variables) in ast.literal_eval(words)
        if " = " in text:
            path, _, word = text.partition(" = ")
            return self._path(path, states, variables) == ast.literal_eval(word)
        return self._path(text, states, variables)

    def _path(self, text: str, states: dict[str, Any], variables: dict[str, Any]) -> Any:
        first, *rest = text.strip().split(".")
        value: Any = states if first == "$states" else variables[first.removeprefix("$")]
        for name in rest:
            value = value[name]
        return value
