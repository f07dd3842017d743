"""JSONata in an ASL definition: well-formed expressions, known functions, and variables that have a value when read."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rules.asl_graph import Scope, transitions
from rules.documents import Path, walk

# JSONata's own functions, without $eval (Step Functions refuses it), with those that Step Functions adds.
FUNCTIONS = frozenset(
    [
        "abs",
        "append",
        "assert",
        "average",
        "base64decode",
        "base64encode",
        "boolean",
        "ceil",
        "clone",
        "contains",
        "count",
        "decodeUrl",
        "decodeUrlComponent",
        "distinct",
        "each",
        "encodeUrl",
        "encodeUrlComponent",
        "error",
        "exists",
        "filter",
        "floor",
        "formatBase",
        "formatInteger",
        "formatNumber",
        "fromMillis",
        "join",
        "keys",
        "length",
        "lookup",
        "lowercase",
        "map",
        "match",
        "max",
        "merge",
        "millis",
        "min",
        "not",
        "now",
        "number",
        "pad",
        "parseInteger",
        "power",
        "reduce",
        "replace",
        "reverse",
        "round",
        "shuffle",
        "sift",
        "single",
        "sort",
        "split",
        "spread",
        "sqrt",
        "string",
        "substring",
        "substringAfter",
        "substringBefore",
        "sum",
        "toMillis",
        "trim",
        "type",
        "uppercase",
        "values",
        "zip",
        "hash",
        "parse",
        "partition",
        "random",
        "range",
        "uuid",
    ]
)
STATES_FIELDS = frozenset({"input", "result", "errorOutput", "context"})
RESULT_STATES = frozenset({"Task", "Map", "Parallel"})
NESTED = frozenset({"ItemProcessor", "Branches"})

# A string, a name in backticks, a comment, or a regex (a slash where an operand is due).
OPAQUE = re.compile(
    r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`[^`]*`|/\*.*?\*/|(?<=[(,])\s*/(?:\\.|[^/\\\n])+/[im]*""", re.DOTALL
)
NAME = re.compile(r"\$([A-Za-z_]\w*)")
BOUND = re.compile(r"\$(\w+)\s*:=|[#@]\s*\$(\w+)")
PARAMETERS = re.compile(r"(?:\bfunction|λ)\s*\(([^)]*)\)")
STATES = re.compile(r"\$states\b(?:\.(\w+))?")
QUOTES = "'\"`"
PAIRS = {")": "(", "]": "[", "}": "{"}


def is_expression(value: object) -> bool:
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}")


def expression_problems(value: str) -> list[str]:
    """What is wrong with one string, read by itself."""
    if "{%" not in value and "%}" not in value:
        return []
    if not is_expression(value):
        return [f"{value!r} is no expression; expected '{{%' first and '%}}' last, without a space or line end around"]
    code = _code(value)
    if not code.strip():
        return ["the expression is empty"]
    found = [f"the expression has an unbalanced {mark!r}" for mark in _unbalanced(code)]
    if "$$" in code:
        found.append("'$$' has no meaning in Step Functions; expected $states.input")
    if "$eval" in code:
        found.append("'$eval' does not exist in Step Functions; expected $parse")
    return found


def _code(expression: str) -> str:
    """The expression without its strings, comments and regexes, which may hold any bracket or dollar."""
    return OPAQUE.sub(" ", expression[2:-2])


def _unbalanced(code: str) -> Iterator[str]:
    """A quote that is left after the strings are taken out has no partner either."""
    is_open: list[str] = []
    for mark in code:
        if mark in "([{":
            is_open.append(mark)
        elif mark in QUOTES or (mark in PAIRS and (not is_open or is_open.pop() != PAIRS[mark])):
            yield mark
            return
    yield from is_open


def names_read(expression: str) -> set[str]:
    """The variables that an expression needs from outside: not the functions, nor what it binds itself."""
    code = _code(expression)
    bound = {name for pair in BOUND.findall(code) for name in pair if name}
    for parameters in PARAMETERS.findall(code):
        bound |= set(NAME.findall(parameters))
    return set(NAME.findall(code)) - bound - FUNCTIONS - {"states"}


def own_strings(state: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    """The strings of a state, without those of the states nested in it."""
    own = {field: value for field, value in state.items() if field not in NESTED}
    return ((path, value) for path, value in walk(own) if isinstance(value, str))


def assigned_in(scope: Scope) -> set[str]:
    return {
        path[position + 1]
        for state in scope.states.values()
        for path, _ in walk({field: value for field, value in state.items() if field not in NESTED})
        for position in [_assign_position(path)]
        if position is not None and len(path) == position + 2
    }


def _assign_position(path: Path) -> int | None:
    if path[:1] == ("Assign",):
        return 0
    return 2 if path[:1] in {("Choices",), ("Catch",)} and path[2:3] == ("Assign",) else None


def variable_problems(all_scopes: list[Scope]) -> list[str]:
    """Outer scopes come first, so that what is set on entry to a Map is known when its inside is read."""
    found: list[str] = []
    on_entry: dict[str, set[str]] = {}
    for scope in all_scopes:
        found += _shadowing(scope)
        inherited: set[str] = set()
        if scope.outer and scope.holder and scope.sees_outer:
            inherited = on_entry.get(scope.outer.at(scope.holder), set())
        entry = _set_on_entry(scope, inherited)
        on_entry |= {scope.at(name): names for name, names in entry.items()}
        for name, names in entry.items():
            found += _state_problems(scope, name, names)
    return found


def _shadowing(scope: Scope) -> list[str]:
    """AWS: a variable of an inner scope cannot have the name of one of an outer scope."""
    found: list[str] = []
    outer = scope.outer
    while outer:
        place = outer.place or "the top"
        found.extend(
            f"{scope.place}: assigns ${name}, which {place} assigns too; expected another name"
            for name in sorted(assigned_in(scope) & assigned_in(outer))
        )
        outer = outer.outer
    return found


def _set_on_entry(scope: Scope, inherited: set[str]) -> dict[str, set[str]]:
    """For every state that is reached: the variables set on every way to it."""
    if scope.start not in scope.states:
        return {}
    ways = list(transitions(scope))
    entry: dict[str, set[str]] = {str(scope.start): set(inherited)}
    changed = True
    while changed:
        changed = False
        for way in ways:
            if way.source not in entry or way.target not in scope.states:
                continue
            brought = entry[way.source] | way.assigned
            kept = entry[way.target] & brought if way.target in entry else brought
            if kept != entry.get(way.target):
                entry[way.target] = kept
                changed = True
    return entry


def _state_problems(scope: Scope, name: str, known: set[str]) -> list[str]:
    state = scope.states[name]
    found = []
    for path, value in own_strings(state):
        place = f"{scope.at(name)}: {'.'.join(path)}"
        wrong = expression_problems(value)
        found += [f"{place}: {problem}" for problem in wrong]
        if not is_expression(value) or wrong:
            continue
        for read in sorted(names_read(value) - known):
            some_way = (
                "is not assigned on every way here" if read in _ever_assigned(scope) else "is assigned nowhere in scope"
            )
            found.append(f"{place}: ${read} {some_way} and is no known function; expected an Assign before it is read")
        found += [f"{place}: {problem}" for problem in _reserved_problems(state, path, value)]
    return found


def _ever_assigned(scope: Scope) -> set[str]:
    outer = _ever_assigned(scope.outer) if scope.outer and scope.sees_outer else set()
    return assigned_in(scope) | outer


def _reserved_problems(state: Mapping[str, Any], path: Path, value: str) -> Iterator[str]:
    for field in STATES.findall(_code(value)):
        if field and field not in STATES_FIELDS:
            yield f"$states.{field} does not exist; expected one of {sorted(STATES_FIELDS)}"
        if field == "errorOutput" and path[0] != "Catch":
            yield "$states.errorOutput is read outside a Catch; AWS refuses the definition"
        if field == "result" and (state.get("Type") not in RESULT_STATES or path[0] not in {"Assign", "Output"}):
            yield "$states.result is read where there is none; expected it in Assign or Output of a Task, a Map"
