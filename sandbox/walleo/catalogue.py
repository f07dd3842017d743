"""What is for sale: three ordinary gift cards, and test codes that always do one thing."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.faults import Fault

CURRENCY = "EUR"


class Behaviour(StrEnum):
    """What a test code always does; its code is WALLEO-TEST- and this value."""

    OUT_OF_STOCK = "OUT-OF-STOCK"
    NO_FUNDS = "NO-FUNDS"
    STUCK = "STUCK"
    ERROR = "ERROR"
    ERROR_ONCE = "ERROR-ONCE"
    TIMEOUT_THEN_SUCCESS = "TIMEOUT-THEN-SUCCESS"
    ERROR_AFTER_COMMIT = "ERROR-AFTER-COMMIT"
    UNAVAILABLE = "UNAVAILABLE"
    TOO_MANY_REQUESTS = "TOO-MANY-REQUESTS"
    UNKNOWN_STATUS = "UNKNOWN-STATUS"
    WRONG_AMOUNT = "WRONG-AMOUNT"
    NO_PIN = "NO-PIN"
    SLOW = "SLOW"


FAULT_ON_POST = {
    Behaviour.TIMEOUT_THEN_SUCCESS: Fault.DROP_AFTER,
    Behaviour.ERROR_AFTER_COMMIT: Fault.ERROR_AFTER,
    Behaviour.UNAVAILABLE: Fault.UNAVAILABLE,
    Behaviour.TOO_MANY_REQUESTS: Fault.THROTTLED,
}


@dataclass(frozen=True, slots=True)
class FreeValues:
    """Any amount of a range, in steps; major units."""

    minimum: int
    maximum: int
    step: int

    def allow(self, amount: int) -> bool:
        return self.minimum <= amount <= self.maximum and (amount - self.minimum) % self.step == 0

    def __str__(self) -> str:
        return f"within range from {self.minimum} to {self.maximum} with steps of {self.step}"


@dataclass(frozen=True, slots=True)
class FixedValues:
    """Two amounts or more, and no other; major units."""

    amounts: tuple[int, ...]

    def allow(self, amount: int) -> bool:
        return amount in self.amounts

    def __str__(self) -> str:
        *most, last = map(str, self.amounts)
        return f"one of {', '.join(most)} or {last}"


@dataclass(frozen=True, slots=True)
class GiftCard:
    code: str
    name: str
    facial_values: FreeValues | FixedValues
    behaviour: Behaviour | None = None


_TENS = FreeValues(20, 500, 10)
_ORDINARY = (
    GiftCard("IKEA", "Ikea", _TENS),
    GiftCard("IKEA-FR", "Ikea France", _TENS),
    GiftCard("FNAC", "Fnac", FixedValues((15, 30, 100))),
)


def _test_card(behaviour: Behaviour) -> GiftCard:
    return GiftCard(f"WALLEO-TEST-{behaviour}", f"Test ({behaviour.lower()})", _TENS, behaviour)


CATALOGUE = {card.code: card for card in (*_ORDINARY, *map(_test_card, Behaviour))}
