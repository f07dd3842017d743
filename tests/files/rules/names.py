"""One name, four places: folder, resource, state and use case, so that whoever knows one finds the other three."""

import ast
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from rules.asl import SUBSTITUTION
from rules.asl_graph import scopes
from rules.documents import walk
from rules.template import FUNCTION, STATE_MACHINE, Template, properties, references, resources, substitutions

TASKS = frozenset({"plan_order", "create_order", "get_order_status", "fetch_cards", "close_order", "send_webhook"})
DOORS = frozenset(
    {
        "orders_api",
        "reviews_api",
        "bulk_api",
        "webhooks_api",
        "pass_page",
        "apple_api",
        "accounts_api",
        "api_docs",
        "standing_api",
        "walleo_api",
        "accept_csv",
        "handle_bulk_request",
        "apply_chunk",
        "run_schedule",
        "apply_retention",
        "reconcile",
    }
)


@dataclass(frozen=True, slots=True)
class Names:
    """The four places as they are: function folders, template, definitions by file name, functions of the layer."""

    folders: AbstractSet[str]
    template: Template
    definitions: Mapping[str, Mapping[str, Any]]
    use_cases: AbstractSet[str]


def problems(names: Names, tasks: AbstractSet[str] = TASKS, doors: AbstractSet[str] = DOORS) -> list[str]:
    functions = dict(resources(names.template, FUNCTION))
    invoked = dict(_invocations(names))
    found = [f"functions/{folder}: is missing" for folder in sorted((tasks | doors) - names.folders)]
    for folder in sorted(names.folders):
        found += _resource_problems(folder, functions)
        logical_id = f"{camel(folder)}Function"
        if logical_id in invoked or folder in tasks:
            found += _task_problems(folder, invoked.get(logical_id, set()), names.use_cases)
    for logical_id, function in functions.items():
        if _folder(function) not in names.folders:
            uri = properties(function).get("CodeUri")
            found.append(f"{logical_id}: CodeUri is {uri!r}; expected functions/<name>, a folder that exists")
    return found


def camel(snake: str) -> str:
    return "".join(part.capitalize() for part in snake.split("_"))


def use_cases_in(source: str) -> set[str]:
    """Names of functions defined at the top of a module, or as a method of a class there."""
    found = set()
    for node in ast.parse(source).body:
        for inner in [node, *(node.body if isinstance(node, ast.ClassDef) else [])]:
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(inner.name)
    return found


def definition_file(machine: Mapping[str, Any]) -> str:
    return PurePosixPath(str(properties(machine).get("DefinitionUri"))).name


def _folder(function: Mapping[str, Any]) -> str | None:
    path = PurePosixPath(str(properties(function).get("CodeUri")))
    return path.name if path.parent.name == "functions" else None


def _resource_problems(folder: str, functions: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    logical_id = f"{camel(folder)}Function"
    if logical_id not in functions:
        yield f"functions/{folder}: the template has no {logical_id} of {FUNCTION}"
    elif _folder(functions[logical_id]) != folder:
        uri = properties(functions[logical_id]).get("CodeUri")
        yield f"{logical_id}: CodeUri is {uri!r}; expected functions/{folder}/"


def _task_problems(folder: str, states: AbstractSet[str], use_cases: AbstractSet[str]) -> Iterator[str]:
    if camel(folder) not in states:
        name, others = camel(folder), sorted(states) or "none that does"
        yield f"functions/{folder}: no state {name} invokes {name}Function; found {others}"
    if folder not in use_cases:
        yield f"functions/{folder}: layers/giftline/giftline has no use case 'def {folder}'"


def _invocations(names: Names) -> Iterator[tuple[str, set[str]]]:
    """For every function that a state machine is given: the states that invoke it, by DefinitionSubstitutions."""
    functions = [name for name, _ in resources(names.template, FUNCTION)]
    invoked: dict[str, set[str]] = {}
    for _, machine in resources(names.template, STATE_MACHINE):
        given = {str(key): references(value) for key, value in substitutions(machine).items()}
        for scope in scopes(names.definitions.get(definition_file(machine), {})):
            for state, spec in scope.states.items():
                if spec.get("Type") != "Task":
                    continue
                for used in _substitutions_in(spec):
                    for function in functions:
                        if any(_is_of(reference, function) for reference in given.get(used, set())):
                            invoked.setdefault(function, set()).add(str(state))
        for function in functions:
            if any(_is_of(reference, function) for refs in given.values() for reference in refs):
                invoked.setdefault(function, set())
    yield from invoked.items()


def _substitutions_in(state: Mapping[str, Any]) -> set[str]:
    return {name for _, value in walk(state) if isinstance(value, str) for name in SUBSTITUTION.findall(value)}


def _is_of(reference: str, function: str) -> bool:
    """The function itself, or the alias that SAM makes of it."""
    return reference == function or reference.startswith(f"{function}Alias")
