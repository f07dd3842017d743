"""The states of an ASL definition as a graph: scopes, transitions, and whether every way leads somewhere and ends."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rules.documents import as_list

ENDS = ("Succeed", "Fail")


@dataclass(frozen=True, slots=True)
class Scope:
    """One `States` block: the top, an ItemProcessor or a branch. Transitions and variables live inside a scope."""

    place: str
    start: str | None
    states: Mapping[str, Mapping[str, Any]]
    holder: str | None = None
    outer: "Scope | None" = None
    sees_outer: bool = True

    def at(self, state: str) -> str:
        return f"{self.place}.{state}" if self.place else state


@dataclass(frozen=True, slots=True)
class Transition:
    source: str
    target: str
    field: str
    assigned: frozenset[str]


def scopes(
    definition: Mapping[str, Any], place: str = "", holder: str | None = None, outer: Scope | None = None
) -> Iterator[Scope]:
    """The scope of a definition and of everything nested in it, outer scopes first."""
    distributed = (definition.get("ProcessorConfig") or {}).get("Mode") == "DISTRIBUTED"
    scope = Scope(place, definition.get("StartAt"), definition.get("States") or {}, holder, outer, not distributed)
    yield scope
    for name, state in scope.states.items():
        if isinstance(processor := state.get("ItemProcessor"), Mapping):
            yield from scopes(processor, f"{scope.at(name)}.ItemProcessor", name, scope)
        for position, branch in enumerate(as_list(state.get("Branches"))):
            yield from scopes(branch, f"{scope.at(name)}.Branches[{position}]", name, scope)


def transitions(scope: Scope) -> Iterator[Transition]:
    """Every way out of every state; a matched rule or a catcher assigns its own variables instead of the state's."""
    for name, state in scope.states.items():
        for field in ("Next", "Default"):
            if field in state:
                yield _transition(name, state[field], field, state)
        for field in ("Choices", "Catch"):
            for position, rule in enumerate(as_list(state.get(field))):
                if "Next" in rule:
                    yield _transition(name, rule["Next"], f"{field}[{position}].Next", rule)


def _transition(source: str, target: Any, field: str, assigner: Mapping[str, Any]) -> Transition:
    return Transition(source, str(target), field, frozenset(map(str, assigner.get("Assign") or {})))


def graph_problems(scope: Scope) -> list[str]:
    """Missing targets first: the other questions only make sense on a graph without holes."""
    ways = list(transitions(scope))
    missing = [
        f"{scope.at(way.source)}: {way.field} is {way.target!r}; expected the name of a state in the same scope"
        for way in ways
        if way.target not in scope.states
    ]
    if scope.start not in scope.states:
        missing.append(
            f"{scope.place or 'top'}: StartAt is {scope.start!r}; expected the name of a state in the same scope"
        )
    if missing:
        return missing
    after = {name: _reached({name}, ways) for name in scope.states}
    return [*_unreached(scope, after), *_endless(scope, after), *_loops(scope, ways, after)]


def _reached(starts: Iterable[str], ways: Iterable[Transition]) -> set[str]:
    """Everything that comes after the starts; a start itself only if a loop leads back to it."""
    ways = list(ways)
    found: set[str] = set()
    todo = set(starts)
    while todo:
        found_now = {way.target for way in ways if way.source in todo}
        todo = found_now - found
        found |= found_now
    return found


def _unreached(scope: Scope, after: Mapping[str, set[str]]) -> list[str]:
    lost = set(scope.states) - after[str(scope.start)] - {str(scope.start)}
    return [
        f"{scope.at(name)}: no way from StartAt leads here; expected every state to be reachable"
        for name in sorted(lost)
    ]


def _endless(scope: Scope, after: Mapping[str, set[str]]) -> list[str]:
    ends = {name for name, state in scope.states.items() if state.get("Type") in ENDS or state.get("End") is True}
    return [
        f"{scope.at(name)}: no way from here ends; expected one that leads to End, Succeed or Fail"
        for name in scope.states
        if name not in ends and not after[name] & ends
    ]


def _loops(scope: Scope, ways: list[Transition], after: Mapping[str, set[str]]) -> list[str]:
    """A loop without a Choice turns for ever by itself; one whose Choices all stay inside leaves by accident only."""
    choices = {name for name, state in scope.states.items() if state.get("Type") == "Choice"}
    blind = [way for way in ways if way.source not in choices]
    unasked = sorted(name for name in scope.states if name in _reached({name}, blind))
    found = [
        f"{scope.at(name)}: stands in a loop without a Choice; expected a Choice that can leave it" for name in unasked
    ]
    for loop in {
        frozenset(other for other in after[name] if name in after[other]) for name in after if name in after[name]
    }:
        inside = [way for way in ways if way.source in loop and way.source in choices]
        if inside and all(way.target in loop for way in inside):
            found.append(f"{scope.at(min(loop))}: no Choice leaves the loop {sorted(loop)}; expected one that does")
    return found
