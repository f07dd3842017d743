"""Rules for a function's app.py: parse, call one use case, return."""

import ast
from collections.abc import Iterator

from rules.imports import environment_problems, imports_of, is_under

MOST_LINES = 40
MOST_STATEMENTS = 10
BROAD = frozenset({"Exception", "BaseException"})
HANDLERS = frozenset({"handler", "lambda_handler"})
SDKS = ("boto3", "botocore")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def problems(path: str, source: str) -> list[str]:
    tree = ast.parse(source)
    return [
        *_size_problems(path, source, tree),
        *_handler_problems(path, tree),
        *_broad_problems(path, tree),
        *environment_problems(path, source),
        *[
            f"{path}:{one.line}: imports {one.target}; expected the bootstrap to wire it"
            for one in imports_of(path, source)
            if is_under(one.target, SDKS)
        ],
    ]


def _size_problems(path: str, source: str, tree: ast.Module) -> Iterator[str]:
    lines = len(source.splitlines())
    if lines > MOST_LINES:
        yield f"{path}: {lines} lines; expected at most {MOST_LINES}"
    for node in ast.walk(tree):
        if isinstance(node, Function):
            count = _statements(node)
            if count > MOST_STATEMENTS:
                yield f"{path}:{node.lineno}: {node.name} has {count} statements; expected at most {MOST_STATEMENTS}"


def _statements(function: Function) -> int:
    """All statements at any depth, the docstring left out."""
    count = sum(isinstance(node, ast.stmt) for node in ast.walk(function)) - 1
    return count - (ast.get_docstring(function) is not None)


def _handler_problems(path: str, tree: ast.Module) -> Iterator[str]:
    names = {node.name for node in tree.body if isinstance(node, Function)}
    names |= {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    names |= {
        node.target.id for node in tree.body if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }
    if not names & HANDLERS:
        yield f"{path}: no handler; expected one of {sorted(HANDLERS)} at the top of the module"


def _broad_problems(path: str, tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = {inner.id for inner in ast.walk(node.type) if isinstance(inner, ast.Name)} if node.type else BROAD
            if caught & BROAD:
                yield f"{path}:{node.lineno}: a broad except; expected the errors it can answer, by type"
