"""Walleo's list of gift cards, read (docs/protocols.md, Walleo): a JSON array, whole in one answer."""

from __future__ import annotations

from typing import Any, Final

from giftline.suppliers.http import Answer
from giftline.suppliers.listing import Amounts, ListedCard, Listing
from giftline.suppliers.reading import as_object, detail, is_name

MAX_AMOUNT: Final = 10**7
MAX_FIXED: Final = 1_000


def read_gift_cards(answer: Answer) -> Listing:
    """One entry without a code of its own, and nobody can say what is missing: then nothing is told."""
    if answer.status != 200 or answer.failure:
        return Listing(problem=detail(answer), retry_after=answer.retry_after)
    entries = _entries(answer.body)
    if entries is None:
        return Listing(problem="not one whole list")
    cards = [_card(as_object(entry)) for entry in entries]
    named = [card for card in cards if card is not None]
    if len(named) < len(cards):
        return Listing(problem=f"{len(cards) - len(named)} of {len(cards)} entries have no code")
    if len({card.code for card in named}) < len(named):
        return Listing(problem="a code stands there twice")
    return Listing(tuple(named))


def _entries(body: Any) -> list[Any] | None:
    """Bare, or alone under a name as Walleo's other answers have theirs: no public page settles it. Whatever else
    stands beside it may say that this is one page of several, and a page would make the rest look sold out.
    """
    found = body["gift_cards"] if isinstance(body, dict) and body.keys() == {"gift_cards"} else body
    return found if isinstance(found, list) else None


def _card(entry: dict[str, Any]) -> ListedCard | None:
    code: Any = entry.get("code")
    name: Any = entry.get("name")
    if not is_name(code):
        return None
    # a card whose PIN nobody mentions is taken to have one: without it, it is looked at and not handed over
    has_pin = entry.get("code_pin") is not False
    return ListedCard(code, name if is_name(name) else code, has_pin, _amounts(as_object(entry.get("facial_values"))))


def _amounts(values: dict[str, Any]) -> Amounts | None:
    kind = values.get("type")
    if kind == "fixed":
        return _fixed(values.get("amounts"))
    return _free(values) if kind == "free" else None


def _fixed(amounts: Any) -> Amounts | None:
    if not isinstance(amounts, list) or not 0 < len(amounts) <= MAX_FIXED or not all(map(_is_amount, amounts)):
        return None
    return Amounts(fixed=tuple(dict.fromkeys(amounts)))


def _free(values: dict[str, Any]) -> Amounts | None:
    least: Any = values.get("min_amount", values.get("min"))
    most: Any = values.get("max_amount", values.get("max"))
    step = values.get("step_amount", values.get("step", 1))
    if not (_is_amount(least) and _is_amount(most) and _is_amount(step)) or least > most:
        return None
    return Amounts(least=least, most=most, step=step)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_AMOUNT
