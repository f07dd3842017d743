"""The bodies of Walleo's answers, field by field as its document shows them."""

from datetime import UTC, datetime, time, timedelta, timezone

from sandbox.walleo.cards import Card
from sandbox.walleo.catalogue import CURRENCY, Behaviour, FixedValues, FreeValues, GiftCard
from sandbox.walleo.pulls import PullRequest, Status

Body = dict[str, object]

# The document's moments are those of Paris; here it is winter all year, as not every machine knows its summers.
ZONE = timezone(timedelta(hours=1))
DAYS_VALID = 366
FILES = "https://files.sandbox.example"


def created(pull: PullRequest) -> Body:
    """The answer to the POST; the document's GET has no `amount_cents`."""
    body = _pull(pull, Status.WAITING)
    times = {name: body.pop(name) for name in ("created_at", "updated_at")}
    return {"pull_request": body | {"amount_cents": pull.wish.amount_cents} | times | {"card": None}}


def shown(pull: PullRequest, status: Status) -> Body:
    """The answer to the GET."""
    sold = card_fields(pull, pull.card) if status is Status.SUCCESS and pull.card else None
    return {"pull_request": _pull(pull, status) | {"card": sold}}


def card(pull: PullRequest, sold: Card) -> Body:
    """The answer of the synchronous call."""
    return {"card": card_fields(pull, sold)}


def gift_card(found: GiftCard) -> Body:
    return {
        "name": found.name,
        "code": found.code,
        "barcode_symbology": "code128",
        "discount": 0,
        "logo_url": f"{FILES}/{found.code}.png",
        "logo_square_url": f"{FILES}/{found.code}-square.png",
        "online_usable": True,
        "offline_usable": True,
        "validity_period": DAYS_VALID,
        "splittable_online": True,
        "splittable_offline": False,
        "cumulative_online": True,
        "cumulative_online_limit": 5,
        "cumulative_offline": False,
        "cumulative_offline_limit": 0,
        "code_pin": found.behaviour is not Behaviour.NO_PIN,
        "how_to_use_online": "how to use online",
        "how_to_use_offline": "how to use offline",
        "term_of_use": "term of use",
        "facial_values": _facial_values(found.facial_values),
    }


def inventory(found: GiftCard) -> Body:
    """Every card is made when it is asked for, so nothing lies in stock."""
    is_sold = found.behaviour is not Behaviour.OUT_OF_STOCK
    values = found.facial_values
    amounts = values.amounts if isinstance(values, FixedValues) else ()
    return {
        "inventories": {
            "gift_card": {"code": found.code, "name": found.name},
            "end_to_end_api": {"enabled": is_sold, "available_amount": "unlimited" if is_sold else 0},
            "stocks": [{"facial_value": one, "owned_quantity": 0, "shared_quantity": 0} for one in amounts],
        }
    }


def balance(amount: int) -> Body:
    """Ours: the document does not show it."""
    return {"balance": {"amount_cents": amount, "currency": CURRENCY}}


def _pull(pull: PullRequest, status: Status) -> Body:
    return {
        "id": pull.pull_id,
        "status": status,
        "request_id": pull.request_id,
        "created_at": _moment(pull.created_at),
        "updated_at": _moment(pull.since(status)),
    }


def card_fields(pull: PullRequest, sold: Card) -> Body:
    """What stands under `card` in every answer that has one."""
    return {
        "id": sold.card_id,
        "code": sold.code,
        "expire_at": _expiry(pull.created_at),
        "pin_code": sold.pin,
        "amount": sold.amount,
        "gift_card_code": pull.wish.gift_card.code,
        "pdf_url": f"{FILES}/cards/{sold.card_id}.pdf",
    }


def _facial_values(values: FreeValues | FixedValues) -> Body:
    if isinstance(values, FixedValues):
        return {"type": "fixed", "amounts": list(values.amounts)}
    return {
        "type": "free",
        "min_amount": values.minimum,
        "max_amount": values.maximum,
        "step_amount": values.step,
    }


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(ZONE).isoformat(timespec="milliseconds")


def _expiry(seconds: float) -> str:
    day = datetime.fromtimestamp(seconds, UTC).astimezone(ZONE).date() + timedelta(days=DAYS_VALID)
    return datetime.combine(day, time(), ZONE).isoformat(timespec="milliseconds")
