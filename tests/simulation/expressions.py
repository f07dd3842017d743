"""JSONata as far as the state machines use it, compiled once a text to a function; anything else is refused."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.simulation.tokens import Tokens, words_in

Scope = Mapping[str, Any]
"""Variables by name; `states` holds input, result and errorOutput."""
Value = Callable[[Scope], Any]

MISSING: Any = None
"""What a path finds where there is nothing."""

_TOKEN = re.compile(r"\s*('[^']*'|\"[^\"]*\"|\d+(?:\.\d+)?|\$?[A-Za-z_]\w*|!=|<=|>=|[=<>()\[\],.+&*-])")
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a is not None and b is not None and a < b,
    "<=": lambda a, b: a is not None and b is not None and a <= b,
    ">": lambda a, b: a is not None and b is not None and a > b,
    ">=": lambda a, b: a is not None and b is not None and a >= b,
    "in": lambda a, b: a in (b if isinstance(b, list) else [b]),
}
_SUMMED: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "&": lambda a, b: f"{a}{b}",
}
_CONSTANTS = {"true": True, "false": False, "null": None}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "$exists": lambda value: value is not MISSING,
    "$not": lambda value: not value,
    "$boolean": bool,
    "$count": lambda value: 0 if value is MISSING else len(value) if isinstance(value, list) else 1,
    "$number": float,
    "$string": str,
}


def template(text: Any) -> Value:
    """A field of a state: plain JSON with `{% … %}` wherever a value is computed."""
    if isinstance(text, dict):
        parts = {name: template(value) for name, value in text.items()}
        return lambda scope: {name: part(scope) for name, part in parts.items()}
    if isinstance(text, list):
        items = [template(value) for value in text]
        return lambda scope: [item(scope) for item in items]
    if isinstance(text, str) and text.startswith("{%"):
        return expression(text.removeprefix("{%").removesuffix("%}").strip())
    return lambda _scope: text


@cache
def expression(text: str) -> Value:
    parser = _Parser(text, words_in(text, _TOKEN))
    value = parser.any_of()
    parser.need_end()
    return value


class _Parser(Tokens):
    """Recursive descent: or, and, comparison, sum, path."""

    def any_of(self) -> Value:
        left = self.all_of()
        while self.took("or"):
            left = _or(left, self.all_of())
        return left

    def all_of(self) -> Value:
        left = self.comparison()
        while self.took("and"):
            left = _and(left, self.comparison())
        return left

    def comparison(self) -> Value:
        left = self.sum()
        if self.next not in _COMPARED:
            return left
        return _applied(_COMPARED[self.take()], left, self.sum())

    def sum(self) -> Value:
        left = self.single()
        while self.next in _SUMMED:
            left = _applied(_SUMMED[self.take()], left, self.single())
        return left

    def single(self) -> Value:
        if self.took("("):
            inner = self.any_of()
            self.need(")")
            return inner
        if self.took("["):
            return self.listed()
        word = self.take()
        if word in _CONSTANTS:
            return _constant(_CONSTANTS[word])
        if word[:1] in ("'", '"') or word[:1].isdigit():
            return _constant(ast.literal_eval(word))
        return self.called(word) if self.next == "(" else self.path(word)

    def listed(self) -> Value:
        items = []
        while not self.took("]"):
            items.append(self.any_of())
            self.took(",")
        return lambda scope: [item(scope) for item in items]

    def called(self, name: str) -> Value:
        if name not in _FUNCTIONS:
            raise NotImplementedError(f"{self.text!r}: the function {name} is not simulated")
        self.need("(")
        given, function = self.any_of(), _FUNCTIONS[name]
        self.need(")")
        return lambda scope: function(given(scope))

    def path(self, root: str) -> Value:
        if not root.startswith("$"):
            raise NotImplementedError(f"{self.text!r}: {root!r} is neither a variable nor a value")
        name, steps = root[1:], []
        while self.took("."):
            steps.append(self.take())
        if not steps:
            return lambda scope: scope[name]
        if len(steps) == 1:
            (only,) = steps
            return lambda scope: scope[name].get(only)
        return lambda scope: _walk(scope[name], steps)


def _constant(value: Any) -> Value:
    return lambda _scope: value


def _or(left: Value, right: Value) -> Value:
    return lambda scope: bool(left(scope)) or bool(right(scope))


def _and(left: Value, right: Value) -> Value:
    return lambda scope: bool(left(scope)) and bool(right(scope))


def _applied(function: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    return lambda scope: function(left(scope), right(scope))


def _walk(value: Any, steps: list[str]) -> Any:
    for step in steps:
        if not isinstance(value, dict):
            return MISSING
        value = value.get(step)
    return value
