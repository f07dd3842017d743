"""Values come back from their attributes as they were, or are refused."""

from __future__ import annotations

from typing import Any

import pytest

from giftline.storage.attributes import marshal, unmarshal


@pytest.mark.parametrize(
    "value",
    ["", "ä", 0, -(10**15), True, False, b"\x00", [], ["a", 1], {}, {"shop": "P1", "other": {"n": [1, {"x": "y"}]}}],
)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    back = unmarshal(marshal({"name": value}))["name"]
    assert (back, type(back)) == (value, type(value))


def test_a_map_is_stored_as_one() -> None:
    assert marshal({"cards": {"shop": "P1"}}) == {"cards": {"M": {"shop": {"S": "P1"}}}}


def test_nothing_is_left_out_of_a_map_too() -> None:
    assert marshal({"a": None, "b": {"c": None}}) == {"b": {"M": {}}}


@pytest.mark.parametrize("value", [1.5, {1, 2}, (1, 2), object()])
def test_what_is_never_stored_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="not a type that Giftline stores"):
        marshal({"name": value})
