"""Rules for who may import whom: dependencies point inward, and the core starts without an SDK."""

import ast
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from rules.documents import has_reason

SDKS = (
    "boto3",
    "botocore",
    "requests",
    "httpx",
    "urllib3",
    "cryptography",
    "aws_lambda_powertools",
    "pydantic",
    "jwt",
    "segno",
    "barcode",
    "standardwebhooks",
)
ADAPTERS = (
    "giftline.storage",
    "giftline.suppliers.wpay",
    "giftline.suppliers.walleo",
    "giftline.suppliers.http",
    "giftline.bootstrap",
)
USE_CASES = ("giftline.orders", "giftline.reconciliation", "giftline.standing", "giftline.wallet")
FOR_FUNCTIONS = ("giftline.bootstrap", "giftline.errors", "giftline.api", "giftline.doors", "aws_lambda_powertools")
OUTSIDE = ("sandbox", "local", "tests", "functions")
MODEL_FILES = ("model.py", "models.py", "errors.py")
NOBODYS_NAMES = frozenset({"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"})
PORT = re.compile(r"(^|_)ports?(_|$)")


@dataclass(frozen=True, slots=True)
class Import:
    target: str
    line: int
    is_inside_function: bool


def layer_problems(sources: Mapping[str, str]) -> list[str]:
    """Sources of the layer by path, as `giftline/orders/model.py`."""
    modules = {module_of(path): path for path in sources}
    graph = {module: imports_of(path, sources[path]) for module, path in modules.items()}
    found: list[str] = []
    for module, path in modules.items():
        found += _everywhere_problems(path, module, sources[path], graph[module])
        if path.endswith(MODEL_FILES):
            found += _model_problems(path, module, graph)
        elif is_under(module, USE_CASES):
            found += _use_case_problems(path, module, graph)
    return found


def function_problems(path: str, source: str) -> list[str]:
    """A function reaches the layer through its bootstrap."""
    return [
        f"{path}:{one.line}: imports {one.target}; expected the standard library or one of {', '.join(FOR_FUNCTIONS)}"
        for one in imports_of(path, source)
        if not _is_stdlib(one.target) and not is_under(one.target, FOR_FUNCTIONS)
    ]


def sandbox_problems(path: str, source: str) -> list[str]:
    """What the adapters and the suppliers they talk to share in code, no test can tell from a mistake made twice."""
    return [
        f"{path}:{one.line}: imports {one.target}; the sandbox shares no code with giftline"
        for one in imports_of(path, source)
        if is_under(one.target, ("giftline",))
    ]


def bootstrap_problems(path: str, source: str) -> list[str]:
    return [
        f"{path}:{one.line}: imports {one.target}; only functions are wired by the bootstrap"
        for one in imports_of(path, source)
        if is_under(one.target, ("giftline.bootstrap",))
    ]


def name_problems(path: str) -> list[str]:
    parts = PurePosixPath(path).with_suffix("").parts
    return [f"{path}: {part!r} says nothing; expected the name of a concept" for part in parts if part in NOBODYS_NAMES]


def environment_problems(path: str, source: str) -> list[str]:
    """Reads of the environment, in all the ways there are."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id="os"), attr="environ" | "environb" | "getenv" as attribute):
                found.append(f"{path}:{node.lineno}: os.{attribute}; expected it in settings.py only")
            case ast.ImportFrom(module="os") if any(
                name.name in {"environ", "environb", "getenv"} for name in node.names
            ):
                found.append(f"{path}:{node.lineno}: imports the environment of os; expected it in settings.py only")
    return found


def module_of(path: str) -> str:
    parts = PurePosixPath(path).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: str, source: str) -> list[Import]:
    """Every import with its absolute name, `from a import b` as `a.b`."""
    package = module_of(path).split(".") if path.endswith("__init__.py") else module_of(path).split(".")[:-1]
    tree = ast.parse(source)
    inside = {
        id(inner)
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for inner in ast.walk(outer)
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [Import(name.name, node.lineno, id(node) in inside) for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = [*base, *(node.module.split(".") if node.module else [])]
            found += [Import(".".join([*origin, name.name]), node.lineno, id(node) in inside) for name in node.names]
    return found


def is_under(target: str, prefixes: tuple[str, ...]) -> bool:
    return any(target == prefix or target.startswith(f"{prefix}.") for prefix in prefixes)


def _is_stdlib(target: str) -> bool:
    return target.partition(".")[0] in sys.stdlib_module_names


def _everywhere_problems(path: str, module: str, source: str, imports: list[Import]) -> Iterator[str]:
    yield from name_problems(path)
    if PurePosixPath(path).name != "settings.py":
        yield from environment_problems(path, source)
    if not is_under(module, ("giftline.bootstrap",)):
        yield from bootstrap_problems(path, source)
    for one in imports:
        if is_under(one.target, OUTSIDE):
            yield f"{path}:{one.line}: imports {one.target}; the layer knows nothing outside itself"
        if one.is_inside_function and not has_reason(source, one.line):
            yield f"{path}:{one.line}: imports {one.target} inside a function; expected it at the head, or '# why:'"


def _model_problems(path: str, module: str, graph: Mapping[str, list[Import]]) -> Iterator[str]:
    for way, target in _reached(module, graph):
        if not _is_stdlib(target):
            yield f"{path}: reaches {target}{_through(way)}; a model imports the standard library and other models only"


def _use_case_problems(path: str, module: str, graph: Mapping[str, list[Import]]) -> Iterator[str]:
    for one in graph[module]:
        if is_under(one.target, ADAPTERS) and not any(PORT.search(part) for part in one.target.split(".")):
            yield f"{path}:{one.line}: imports {one.target}; a use case imports models and ports only"
    for way, target in _reached(module, graph):
        if is_under(target, SDKS):
            yield f"{path}: reaches {target}{_through(way)}; a use case knows no SDK"


def _through(way: tuple[str, ...]) -> str:
    return f" through {' → '.join(way[1:])}" if len(way) > 1 else ""


def _reached(module: str, graph: Mapping[str, list[Import]]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What importing a module imports from outside the layer, packages' `__init__` included, with the way to it."""
    todo: list[tuple[str, ...]] = [(module,)]
    seen = {module}
    while todo:
        way = todo.pop(0)
        for target in [*_parents(way[-1]), *(one.target for one in graph[way[-1]])]:
            inner = _longest_known(target, graph)
            if inner is None:
                if not is_under(target, ("giftline",)):
                    yield way, target
            elif inner not in seen:
                seen.add(inner)
                todo.append((*way, inner))


def _parents(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts))]


def _longest_known(target: str, graph: Mapping[str, list[Import]]) -> str | None:
    parts = target.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in graph), None)
