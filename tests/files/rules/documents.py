"""Read YAML as CloudFormation does, and keep the line of every word so that a problem can name its place."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

Path = tuple[str, ...]

KEY_ALONE = re.compile(r"^(- )?[\w:\"']+:$")
WHY = re.compile(r"#.*\bwhy:")


class Word(str):
    """A string of the document that knows its line, counted from 1."""

    __slots__ = ("line",)
    line: int


def word(node: yaml.ScalarNode) -> Word:
    result = Word(node.value)
    result.line = node.start_mark.line + 1
    return result


class CloudFormationLoader(yaml.SafeLoader):
    """SafeLoader that understands !Ref and its kin, and refuses a key written twice (PyYAML keeps the last)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is written twice", key.start_mark
                )
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _string(_: CloudFormationLoader, node: yaml.ScalarNode) -> Word:
    return word(node)


def _intrinsic(loader: CloudFormationLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    match node:
        case yaml.ScalarNode():
            value: Any = word(node)
            return {name: value.split(".", 1) if suffix == "GetAtt" else value}
        case yaml.SequenceNode():
            return {name: loader.construct_sequence(node, deep=True)}
        case yaml.MappingNode():
            return {name: loader.construct_mapping(node, deep=True)}
    raise TypeError(f"unknown YAML node {node!r}")


CloudFormationLoader.add_constructor("tag:yaml.org,2002:str", _string)
CloudFormationLoader.add_multi_constructor("!", _intrinsic)


def read_yaml(text: str) -> Any:
    loader = CloudFormationLoader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def walk(node: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every node with its path, the node itself first."""
    yield path, node
    if isinstance(node, Mapping):
        for key, value in node.items():
            yield from walk(value, (*path, str(key)))
    elif isinstance(node, Sequence) and not isinstance(node, str):
        for position, value in enumerate(node):
            yield from walk(value, (*path, str(position)))


def line_of(node: Any) -> int | None:
    """The line of the first word in a node."""
    return next((value.line for _, value in walk(node) if isinstance(value, Word)), None)


def as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def has_reason(text: str, line: int | None) -> bool:
    """Whether a comment with `why:` stands on the line, just above it, or above the key that holds it."""
    if line is None:
        return False
    lines = text.splitlines()
    if WHY.search(lines[line - 1]):
        return True
    above = line - 2
    if above >= 0 and KEY_ALONE.match(lines[above].strip()):
        above -= 1
    while above >= 0 and lines[above].strip().startswith("#"):
        if WHY.search(lines[above]):
            return True
        above -= 1
    return False
