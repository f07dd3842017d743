"""Reading a request as the document defines it, refusing loudly whatever is wrong with it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.walleo.catalogue import CATALOGUE, Behaviour, GiftCard
from sandbox.walleo.refusals import (
    BadRequest,
    GiftCardNotFound,
    InvalidAmount,
    NotEnoughFunds,
    OutOfStock,
    RequestIdInvalid,
)

LONGEST_REQUEST_ID = 255

Body = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Wish:
    """A card as somebody asks for it; `amount` is major units."""

    gift_card: GiftCard
    amount: int

    @property
    def amount_cents(self) -> int:
        return self.amount * 100

    @property
    def behaviour(self) -> Behaviour | None:
        return self.gift_card.behaviour


def read_body(raw: bytes) -> Body:
    """The whole body; half a surrogate pair is refused too, as nothing could sign or keep it."""
    try:
        body = json.loads(raw, parse_constant=_no_constant)
        json.dumps(body, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"The body is not JSON: {error}") from error
    return _object(body, "The body")


def read_part(raw: bytes, name: str) -> Body:
    """The object that the document wraps a request in: `pull_request` or `card`."""
    return _object(read_body(raw).get(name), name)


def read_request_id(request_id: object) -> str:
    if not isinstance(request_id, str) or not request_id.strip():
        raise RequestIdInvalid("Request id can't be blank")
    if len(request_id) > LONGEST_REQUEST_ID:
        raise RequestIdInvalid(f"Request id is too long (maximum is {LONGEST_REQUEST_ID} characters)")
    return request_id


def read_wish(part: Body) -> Wish:
    """Raises what the document answers to a card that cannot be sold."""
    gift_card = find_gift_card(part.get("gift_card_code"))
    amount = part.get("amount")
    if not isinstance(amount, int) or isinstance(amount, bool) or not gift_card.facial_values.allow(amount):
        raise InvalidAmount(gift_card.facial_values)
    if gift_card.behaviour is Behaviour.OUT_OF_STOCK:
        raise OutOfStock(gift_card.code)
    if gift_card.behaviour is Behaviour.NO_FUNDS:
        raise NotEnoughFunds
    return Wish(gift_card, amount)


def find_gift_card(code: object) -> GiftCard:
    gift_card = CATALOGUE.get(code) if isinstance(code, str) else None
    if gift_card is None:
        raise GiftCardNotFound("" if code is None else code)
    return gift_card


def _object(value: object, what: str) -> Body:
    if not isinstance(value, dict):
        raise BadRequest(f"{what} must be an object")
    return value


def _no_constant(word: str) -> object:
    raise ValueError(f"{word} is no number")
