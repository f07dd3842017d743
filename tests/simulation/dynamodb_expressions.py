"""DynamoDB's condition and update expressions, compiled once a text; what is not known here is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from tests.simulation.tokens import Tokens, words_in

Attribute = dict[str, Any]
Item = dict[str, Attribute]
Names = Mapping[str, str]
Operand = Callable[[Item, Mapping[str, Attribute], Names], Attribute | None]
Condition = Callable[[Item, Mapping[str, Attribute], Names], bool]

_TOKEN = re.compile(r"\s*(<=|>=|<>|[=<>(),+-]|[:#]?[A-Za-z_][A-Za-z0-9_]*)")
_WORDS = frozenset(("AND", "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE"))


def tokens_of(text: str) -> Tokens:
    text = text.strip()
    return Tokens(text, words_in(text, _TOKEN), _WORDS)


@cache
def words_of(text: str) -> tuple[str, ...]:
    return tuple(tokens_of(text).words)


# --- conditions


@cache
def condition(text: str) -> Condition:
    tokens = tokens_of(text)
    compiled = _any_of(tokens)
    tokens.need_end()
    return compiled


def _any_of(tokens: Tokens) -> Condition:
    left = _all_of(tokens)
    while tokens.took("OR"):
        left = _either(left, _all_of(tokens))
    return left


def _all_of(tokens: Tokens) -> Condition:
    left = _term(tokens)
    while tokens.took("AND"):
        left = _both(left, _term(tokens))
    return left


def _either(left: Condition, right: Condition) -> Condition:
    return lambda item, values, names: left(item, values, names) or right(item, values, names)


def _both(left: Condition, right: Condition) -> Condition:
    return lambda item, values, names: left(item, values, names) and right(item, values, names)


def _term(tokens: Tokens) -> Condition:
    if tokens.took("NOT"):
        inner = _term(tokens)
        return lambda item, values, names: not inner(item, values, names)
    if tokens.took("("):
        inner = _any_of(tokens)
        tokens.need(")")
        return inner
    if tokens.words[tokens.at + 1 : tokens.at + 2] == ["("]:
        return _function(tokens)
    return _comparison(tokens)


def _function(tokens: Tokens) -> Condition:
    name = tokens.take()
    tokens.need("(")
    first = operand(tokens)
    if name in ("attribute_exists", "attribute_not_exists"):
        tokens.need(")")
        wanted = name == "attribute_exists"
        return lambda item, values, names: (first(item, values, names) is not None) is wanted
    if name == "begins_with":
        tokens.need(",")
        second = operand(tokens)
        tokens.need(")")
        return lambda item, values, names: _begins(first(item, values, names), second(item, values, names))
    raise NotImplementedError(f"{tokens.text!r}: the function {name} is not simulated")


def _begins(value: Attribute | None, prefix: Attribute | None) -> bool:
    if value is None or prefix is None or value.keys() != prefix.keys():
        return False
    ((kind, whole),) = value.items()
    return kind in ("S", "B") and bool(whole.startswith(prefix[kind]))


def _comparison(tokens: Tokens) -> Condition:
    left = operand(tokens)
    word = tokens.next_word
    if word == "BETWEEN":
        tokens.take()
        low = operand(tokens)
        tokens.need("AND")
        high = operand(tokens)
        return _both(_compare(left, ">=", low), _compare(left, "<=", high))
    if word == "IN":
        return _listed(left, tokens)
    return _compare(left, tokens.take(), operand(tokens))


def _listed(left: Operand, tokens: Tokens) -> Condition:
    tokens.take()
    tokens.need("(")
    equal = _compare(left, "=", operand(tokens))
    while tokens.took(","):
        equal = _either(equal, _compare(left, "=", operand(tokens)))
    tokens.need(")")
    return equal


_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def _compare(left: Operand, sign: str, right: Operand) -> Condition:
    if sign not in _SIGNS:
        raise NotImplementedError(f"{sign!r} is not a comparison")
    holds, unlike = _SIGNS[sign], sign == "<>"

    def compared(item: Item, values: Mapping[str, Attribute], names: Names) -> bool:
        """A missing attribute, or one of another type, equals nothing and is beside any order."""
        a, b = left(item, values, names), right(item, values, names)
        if a is None or b is None or a.keys() != b.keys():
            return unlike
        return holds(plain(a), plain(b))

    return compared


def plain(attribute: Attribute) -> Any:
    """A value that compares as DynamoDB compares it."""
    ((kind, value),) = attribute.items()
    return int(value) if kind == "N" else value


# --- operands


def operand(tokens: Tokens) -> Operand:
    word = tokens.take()
    if word.startswith(":"):
        return lambda _item, values, _names: values[word]
    if word.startswith("#"):
        return lambda item, _values, names: item.get(names[word])
    if not word.replace("_", "").isalnum() or word.upper() in _WORDS:
        raise NotImplementedError(f"{tokens.text!r}: {word!r} is not the name of an attribute")
    return lambda item, _values, _names: item.get(word)


# --- updates

Change = tuple[str, Callable[[Item, Mapping[str, Attribute], Names], Attribute | None]]
"""The attribute's name, or its placeholder, and what it becomes; None removes it."""


@cache
def update(text: str) -> tuple[Change, ...]:
    tokens, changes = tokens_of(text), []
    while tokens.next:
        section = tokens.next_word
        tokens.take()
        if section not in ("SET", "REMOVE", "ADD"):
            raise NotImplementedError(f"{text!r}: {section!r} is not simulated")
        changes.append(_change(section, tokens))
        while tokens.took(","):
            changes.append(_change(section, tokens))
    return tuple(changes)


def _change(section: str, tokens: Tokens) -> Change:
    name = tokens.next
    before = operand(tokens)
    if section == "REMOVE":
        return name, lambda _item, _values, _names: None
    if section == "ADD":
        added = operand(tokens)
        return name, _sum(lambda i, v, n: before(i, v, n) or {"N": "0"}, "+", added)
    tokens.need("=")
    value = _settable(tokens)
    if tokens.next in ("+", "-"):
        value = _sum(value, tokens.take(), _settable(tokens))
    return name, _there(value)


def _there(value: Operand) -> Operand:
    def found(item: Item, values: Mapping[str, Attribute], names: Names) -> Attribute:
        attribute = value(item, values, names)
        if attribute is None:
            raise LookupError("the provided expression refers to an attribute that does not exist in the item")
        return attribute

    return found


def _settable(tokens: Tokens) -> Operand:
    if tokens.next != "if_not_exists":
        return operand(tokens)
    tokens.take()
    tokens.need("(")
    first = operand(tokens)
    tokens.need(",")
    other = operand(tokens)
    tokens.need(")")
    return lambda item, values, names: first(item, values, names) or other(item, values, names)


def _sum(left: Operand, sign: str, right: Operand) -> Operand:
    def summed(item: Item, values: Mapping[str, Attribute], names: Names) -> Attribute:
        a, b = left(item, values, names), right(item, values, names)
        if a is None or b is None:
            raise LookupError("an operand in the update expression has no value")
        return {"N": str(int(a["N"]) + (int(b["N"]) if sign == "+" else -int(b["N"])))}

    return summed
