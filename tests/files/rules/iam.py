"""Rules for what the template permits: the emulator grants everything, so a wrong statement would first show on AWS."""

from collections.abc import Iterator, Mapping
from typing import Any

from rules.documents import Path, as_list, has_reason, line_of, walk
from rules.template import Template, is_intrinsic, references

TOO_MUCH = ("FullAccess", "AdministratorAccess", "PowerUserAccess")
BESIDE = frozenset({"AWS::Serverless::Function", "AWS::Serverless::StateMachine"})


def problems(template: Template, text: str) -> list[str]:
    """Needs the raw text too: an exception is a comment with `why:`, and YAML throws comments away."""
    found: list[str] = []
    for name, resource in (template.get("Resources") or {}).items():
        is_beside = resource.get("Type") in BESIDE
        for path, node in walk(resource, (str(name),)):
            if _is_statement(node):
                found += _statement_problems(path, node, text, is_beside)
            if isinstance(node, str) and node.endswith(TOO_MUCH):
                found.append(f"{_place(path, node)}: the managed policy {node} permits too much; expected a statement")
        if is_beside:
            found += _policy_template_problems(str(name), resource, text)
    return found


def _is_statement(node: Any) -> bool:
    return isinstance(node, Mapping) and "Effect" in node and bool({"Action", "NotAction"} & set(node))


def _place(path: Path, node: Any) -> str:
    line = line_of(node)
    return f"{'.'.join(path)}{f' (line {line})' if line else ''}"


def _statement_problems(path: Path, statement: Mapping[str, Any], text: str, is_beside: bool) -> Iterator[str]:
    """A Deny may be as wide as it likes."""
    if statement["Effect"] == "Deny":
        return
    for field in ("NotAction", "NotResource"):
        if field in statement and not has_reason(text, line_of(statement[field])):
            yield f"{_place((*path, field), statement[field])}: permits all but a list; expected a list or '# why:'"
    for action in as_list(statement.get("Action")):
        if "*" in str(action) and not has_reason(text, line_of(action)):
            yield f"{_place((*path, 'Action'), action)}: {action!r} is a wildcard; expected single actions or '# why:'"
    for resource in as_list(statement.get("Resource")):
        problem = _resource_problem(resource, is_beside)
        if problem and not has_reason(text, line_of(resource)):
            yield f"{_place((*path, 'Resource'), resource)}: {problem}, or a comment '# why:'"
    principal = statement.get("Principal")
    if _is_everybody(principal) and "Condition" not in statement and not has_reason(text, line_of(principal)):
        yield f"{_place((*path, 'Principal'), principal)}: lets everybody in; expected a principal or a Condition"


def _resource_problem(resource: Any, is_beside: bool) -> str | None:
    if isinstance(resource, str):
        if resource == "*":
            return "Resource is '*'; expected one resource through !GetAtt, !Sub or !Ref"
        return f"{resource!r} is written out; expected it through !GetAtt, !Sub or !Ref" if is_beside else None
    if references(resource):
        return None
    texts = [value for _, value in walk(resource) if isinstance(value, str)]
    return f"{texts[0]!r} names no resource of ours" if any("*" in value for value in texts) else None


def _is_everybody(principal: Any) -> bool:
    return principal == "*" or (isinstance(principal, Mapping) and "*" in as_list(principal.get("AWS")))


def _policy_template_problems(name: str, resource: Mapping[str, Any], text: str) -> Iterator[str]:
    """SAM's own policy templates, as `DynamoDBReadPolicy: {TableName: !Ref OrdersTable}`."""
    for position, policy in enumerate(as_list((resource.get("Properties") or {}).get("Policies"))):
        if not isinstance(policy, Mapping) or is_intrinsic(policy) or {"Statement", "Effect"} & set(policy):
            continue
        for kind, values in policy.items():
            for field, value in (values or {}).items():
                if isinstance(value, str) and not has_reason(text, line_of(value)):
                    place = _place((name, "Policies", str(position), str(kind), str(field)), value)
                    yield f"{place}: {value!r} is written out; expected !GetAtt, !Sub or !Ref, or '# why:'"
