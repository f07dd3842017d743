"""A round of visits, in which one's trouble is not the others'."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from giftline.errors import GiftlineError

T = TypeVar("T")


def visit_each(who: str, whom: Iterable[T], visit: Callable[[T], int], name: Callable[[T], str] = str) -> int:
    """The sum of what the visits bring. GiftlineError says of `who` goes round which visits failed, after all have had
    their turn.
    """
    brought, failed = 0, []
    for one in whom:
        try:
            brought += visit(one)
        except Exception as error:  # noqa: BLE001 - whatever it is, the next one is visited
            failed.append(f"{name(one)} ({type(error).__name__})")
    if failed:
        raise GiftlineError(f"{who} could not look after {', '.join(failed)}")
    return brought
