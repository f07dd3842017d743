"""Questions about a SAM template that several rules ask: its resources, what a value refers to or stands for."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rules.documents import walk

Template = Mapping[str, Any]
Resource = Mapping[str, Any]

IN_SUB = re.compile(r"\$\{(?!!)([\w:]+)(?:\.[\w.]+)?\}")

FUNCTION = "AWS::Serverless::Function"
STATE_MACHINE = "AWS::Serverless::StateMachine"
LAMBDA_TIMEOUT = 3
QUEUE_TIMEOUT = 30


def resources(template: Template, kind: str) -> Iterator[tuple[str, Resource]]:
    for name, resource in (template.get("Resources") or {}).items():
        if resource.get("Type") == kind:
            yield str(name), resource


def properties(resource: Resource) -> Mapping[str, Any]:
    return resource.get("Properties") or {}


def function_globals(template: Template) -> Mapping[str, Any]:
    return (template.get("Globals") or {}).get("Function") or {}


def is_intrinsic(node: object) -> bool:
    return isinstance(node, Mapping) and len(node) == 1 and str(next(iter(node))).startswith(("Ref", "Fn::"))


def references(node: Any) -> set[str]:
    """Parameters and resources that a node names through Ref, GetAtt or Sub; pseudo parameters are nobody's."""
    found: set[str] = set()
    for _, value in walk(node):
        if not isinstance(value, Mapping):
            continue
        if isinstance(name := value.get("Ref"), str):
            found.add(name)
        if attribute := value.get("Fn::GetAtt"):
            found.add(str(attribute[0] if isinstance(attribute, list) else attribute).split(".")[0])
        if text := value.get("Fn::Sub"):
            found |= set(IN_SUB.findall(text[0] if isinstance(text, list) else text))
    return {str(name) for name in found if not name.startswith("AWS::")}


def plain(template: Template, node: Any) -> Any:
    """A value as it is on a default deploy: a reference to a parameter becomes its default."""
    if isinstance(node, Mapping) and "Ref" in node:
        parameter = (template.get("Parameters") or {}).get(node["Ref"]) or {}
        return parameter.get("Default", node)
    return node


def number(template: Template, node: Any) -> int | None:
    """A whole number, also through a parameter's default; None when only a deploy could tell."""
    value = plain(template, node)
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def substitutions(machine: Resource) -> Mapping[str, Any]:
    return properties(machine).get("DefinitionSubstitutions") or {}
