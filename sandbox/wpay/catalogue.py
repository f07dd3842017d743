"""What is for sale: four ordinary products, and test skus that always do one thing."""

from dataclasses import dataclass
from enum import StrEnum

from sandbox.faults import Fault


class Behaviour(StrEnum):
    """What a test sku always does; its sku is WPAY-TEST- and this value."""

    STUCK = "STUCK"
    TIMEOUT_THEN_COMPLETE = "TIMEOUT-THEN-COMPLETE"
    ERROR_AFTER_COMMIT = "ERROR-AFTER-COMMIT"
    UNAVAILABLE = "UNAVAILABLE"
    TOO_MANY_REQUESTS = "TOO-MANY-REQUESTS"
    HANG = "HANG"
    OUT_OF_STOCK = "OUT-OF-STOCK"
    ACTIVATE_ERROR = "ACTIVATE-ERROR"
    CANCELED = "CANCELED"
    UNKNOWN_STATUS = "UNKNOWN-STATUS"
    SHORT_PAGE = "SHORT-PAGE"
    DUPLICATE_PAGE = "DUPLICATE-PAGE"
    REORDERED_CARDS = "REORDERED-CARDS"
    WRONG_AMOUNT = "WRONG-AMOUNT"
    NO_PIN = "NO-PIN"


FAULT_ON_POST = {
    Behaviour.TIMEOUT_THEN_COMPLETE: Fault.DROP_AFTER,
    Behaviour.ERROR_AFTER_COMMIT: Fault.ERROR_AFTER,
    Behaviour.UNAVAILABLE: Fault.UNAVAILABLE,
    Behaviour.TOO_MANY_REQUESTS: Fault.THROTTLED,
    Behaviour.HANG: Fault.HANG,
}
FAULT_ON_FIRST_READ = {
    Behaviour.SHORT_PAGE: Fault.SHORT_PAGE,
    Behaviour.DUPLICATE_PAGE: Fault.DUPLICATE_PAGE,
}


@dataclass(frozen=True, slots=True)
class Product:
    """Amounts are minor units; `pin_digits` 0 is a product without PIN."""

    sku: str
    name: str
    minimum: int
    maximum: int
    gtin: str
    pin_digits: int = 4
    currency: str = "036"
    behaviour: Behaviour | None = None

    @property
    def has_pin(self) -> bool:
        return self.pin_digits > 0


@dataclass(frozen=True, slots=True)
class Currency:
    code: str
    numeric: str
    symbol: str


ACCOUNT_CURRENCY = "036"
CURRENCIES = {"036": Currency("AUD", "036", "$"), "978": Currency("EUR", "978", "€")}

_ORDINARY = (
    Product("WWQ651BHNWSH", "Woolworths eGift Card", 5_00, 500_00, "9355049000015"),
    Product("WPAY-GROCERY", "Grocery eGift Card", 5_00, 1_000_00, "9355049000022", pin_digits=6),
    Product("WPAY-FUEL", "Fuel eGift Card", 10_00, 250_00, "9355049000039", pin_digits=0),
    Product("WPAY-EURO", "Euro eGift Card", 5_00, 500_00, "9355049000053", currency="978"),
)


def _test_product(behaviour: Behaviour) -> Product:
    name = f"Test eGift Card ({behaviour.lower()})"
    return Product(f"WPAY-TEST-{behaviour}", name, 5_00, 500_00, "9355049000046", behaviour=behaviour)


CATALOGUE = {product.sku: product for product in (*_ORDINARY, *map(_test_product, Behaviour))}
