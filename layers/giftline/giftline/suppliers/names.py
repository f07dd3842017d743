"""The suppliers' names, as the catalogue, orders and reports have them."""

from typing import Final

SUPPLIER_NAMES: Final = ("walleo", "wpay")
