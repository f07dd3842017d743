"""Rules for a state machine in ASL: what AWS refuses and the emulator runs, and what this house wants besides."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from rules.asl_graph import ENDS, Scope, graph_problems, scopes
from rules.asl_variables import is_expression, variable_problems
from rules.documents import as_list, walk

MOST_BYTES = 1_000_000
MOST_NAME = 80

JSONPATH_FIELDS = frozenset(
    [
        "InputPath",
        "OutputPath",
        "ResultPath",
        "Parameters",
        "ResultSelector",
        "ItemsPath",
        "SecondsPath",
        "TimestampPath",
        "TimeoutSecondsPath",
        "HeartbeatSecondsPath",
        "MaxConcurrencyPath",
        "ToleratedFailurePercentagePath",
        "ToleratedFailureCountPath",
        "ErrorPath",
        "CausePath",
    ]
)
_EVERY = "Type Comment QueryLanguage"
FIELDS = {
    kind: frozenset(f"{_EVERY} {own}".split())
    for kind, own in {
        "Task": "Next End Assign Output Resource Arguments TimeoutSeconds HeartbeatSeconds Retry Catch Credentials",
        "Pass": "Next End Assign Output",
        "Wait": "Next End Assign Output Seconds Timestamp",
        "Choice": "Assign Output Choices Default",
        "Map": "Next End Assign Output Items ItemSelector ItemProcessor ItemReader ItemBatcher ResultWriter"
        " MaxConcurrency ToleratedFailurePercentage ToleratedFailureCount Label Retry Catch",
        "Parallel": "Next End Assign Output Branches Arguments Retry Catch",
        "Succeed": "Output",
        "Fail": "Error Cause",
    }.items()
}
RETRY_FIELDS = ("IntervalSeconds", "BackoffRate", "MaxAttempts", "JitterStrategy", "MaxDelaySeconds")

STATE_NAME = re.compile(r"^[A-Z][A-Za-z0-9]*$")
QUESTION = re.compile(r"^(Is|Has|Have|Are|Was|Did|Does|Can|What|Which)[A-Z]")
WAIT = re.compile(r"^Wait([A-Z]|$)")
SUBSTITUTION = re.compile(r"\$\{(\w+)\}")


def problems(definition: Mapping[str, Any]) -> list[str]:
    """Everything wrong with one definition, each as 'state: what was found; expected what'."""
    all_scopes = list(scopes(definition))
    found = [*_top_problems(definition), *_repeated_names(all_scopes)]
    for scope in all_scopes:
        found += graph_problems(scope)
        for name, state in scope.states.items():
            found += [f"{scope.at(name)}: {problem}" for problem in _state_problems(name, state)]
    return found + variable_problems(all_scopes)


def substitution_problems(definition: Mapping[str, Any], given: set[str]) -> list[str]:
    """`${Name}` in the definition against DefinitionSubstitutions in the template, both ways."""
    used = {name for _, value in walk(definition) if isinstance(value, str) for name in SUBSTITUTION.findall(value)}
    return [
        *[
            f"${{{name}}} is used; expected it in DefinitionSubstitutions of the template"
            for name in sorted(used - given)
        ],
        *[
            f"DefinitionSubstitutions gives {name}; expected ${{{name}}} somewhere in the definition"
            for name in sorted(given - used)
        ],
    ]


def size_problems(text: str) -> list[str]:
    size = len(text.encode())
    return [f"the definition has {size} bytes; AWS takes less than {MOST_BYTES}"] if size >= MOST_BYTES else []


def _top_problems(definition: Mapping[str, Any]) -> Iterator[str]:
    if definition.get("QueryLanguage") != "JSONata":
        yield f"top: QueryLanguage is {definition.get('QueryLanguage')!r}; expected 'JSONata'"
    if not str(definition.get("Comment") or "").strip():
        yield "top: no Comment; expected one that tells the story"


def _repeated_names(all_scopes: list[Scope]) -> list[str]:
    counts = Counter(str(name) for scope in all_scopes for name in scope.states)
    return [
        f"{name}: stands {count} times; AWS wants a name once in the whole machine"
        for name, count in counts.items()
        if count > 1
    ]


def _state_problems(name: str, state: Mapping[str, Any]) -> list[str]:
    kind = state.get("Type")
    if kind not in FIELDS:
        return [f"Type is {kind!r}; expected one of {sorted(FIELDS)}"]
    found = [*_name_problems(name, kind), *_field_problems(kind, state), *_way_on_problems(kind, state)]
    match kind:
        case "Task":
            found += _task_problems(state)
        case "Choice":
            found += _choice_problems(state)
        case "Wait":
            if ("Seconds" in state) == ("Timestamp" in state):
                found.append("Wait has not exactly one of Seconds and Timestamp")
        case "Map":
            if "ItemProcessor" not in state:
                found.append("Map without ItemProcessor")
        case "Parallel":
            if not state.get("Branches"):
                found.append("Parallel without Branches")
    return [*found, *_retry_problems(state), *_catch_problems(state)]


def _name_problems(name: str, kind: str) -> Iterator[str]:
    if not STATE_NAME.match(name) or len(name) > MOST_NAME:
        yield f"the name is no UpperCamelCase of at most {MOST_NAME} letters"
    if kind == "Choice" and not QUESTION.match(name):
        yield "a Choice is named as a question; expected Is…, Has…, Are…, Did…, What…"
    if kind == "Wait" and not WAIT.match(name):
        yield "a Wait says why it waits; expected Wait…"


def _field_problems(kind: str, state: Mapping[str, Any]) -> Iterator[str]:
    for field in state:
        if field in JSONPATH_FIELDS:
            yield f"{field} is JSONPath; expected Arguments, Output or Assign in JSONata"
        elif field not in FIELDS[kind] and not field.endswith(".$"):
            yield f"{kind} has no field {field}; expected one of {sorted(FIELDS[kind])}"
    if state.get("QueryLanguage", "JSONata") != "JSONata":
        yield f"QueryLanguage is {state['QueryLanguage']!r}; expected 'JSONata'"
    own = {field: value for field, value in state.items() if field not in {"ItemProcessor", "Branches"}}
    for path, _ in walk(own):
        if path and path[-1].endswith(".$"):
            yield f"{'.'.join(path)} is JSONPath; expected a field without '.$' and an expression in '{{% %}}'"


def _way_on_problems(kind: str, state: Mapping[str, Any]) -> Iterator[str]:
    if kind not in {"Choice", *ENDS} and ("Next" in state) == (state.get("End") is True):
        yield "has not exactly one of Next and End: true"


def _task_problems(state: Mapping[str, Any]) -> Iterator[str]:
    if "Resource" not in state:
        yield "Task without Resource"
    if not _is_positive(state.get("TimeoutSeconds")):
        yield f"TimeoutSeconds is {state.get('TimeoutSeconds')!r}; expected a positive number, or a lost task hangs on"
    for field in ("Retry", "Catch"):
        if not state.get(field):
            yield f"Task without {field}"


def _is_positive(value: object) -> bool:
    if isinstance(value, str):
        return is_expression(value) or bool(SUBSTITUTION.fullmatch(value))
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _retry_problems(state: Mapping[str, Any]) -> Iterator[str]:
    for position, retrier in enumerate(as_list(state.get("Retry"))):
        place = f"Retry[{position}]"
        if retrier.get("ErrorEquals") != ["States.ALL"]:
            errors = retrier.get("ErrorEquals")
            yield f"{place}.ErrorEquals is {errors!r}; expected ['States.ALL']: the emulator loses error names"
        for field in RETRY_FIELDS:
            if field not in retrier:
                yield f"{place} has no {field}"
        if retrier.get("JitterStrategy", "FULL") != "FULL":
            yield f"{place}.JitterStrategy is {retrier['JitterStrategy']!r}; expected FULL"
        for field in ("IntervalSeconds", "MaxAttempts", "MaxDelaySeconds"):
            if field in retrier and not _is_positive(retrier[field]):
                yield f"{place}.{field} is {retrier[field]!r}; expected a positive number"
        if isinstance(rate := retrier.get("BackoffRate"), int | float) and rate <= 1:
            yield f"{place}.BackoffRate is {rate}; expected more than 1, or it does not back off"


def _catch_problems(state: Mapping[str, Any]) -> Iterator[str]:
    catchers = as_list(state.get("Catch"))
    if catchers and catchers[-1].get("ErrorEquals") != ["States.ALL"]:
        yield "the last Catch does not take ['States.ALL']; what it leaves out would end the execution"
    for position, catcher in enumerate(catchers):
        if "Next" not in catcher:
            yield f"Catch[{position}] has no Next"


def _choice_problems(state: Mapping[str, Any]) -> Iterator[str]:
    if not state.get("Choices"):
        yield "Choice without Choices"
    if "Default" not in state:
        yield "Choice without Default; an answer that no rule names would end the execution, and no Catch takes that"
    for position, rule in enumerate(as_list(state.get("Choices"))):
        if not is_expression(rule.get("Condition")) and not isinstance(rule.get("Condition"), bool):
            yield f"Choices[{position}].Condition is {rule.get('Condition')!r}; expected an expression in '{{% %}}'"
        if "Next" not in rule:
            yield f"Choices[{position}] has no Next"
