"""The suppliers by their names: how each is asked, and what it states of our account.

Imports stand inside the functions: # why: as in giftline.bootstrap
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from giftline.bootstrap.resources import CLOCK, json_secret, settings
from giftline.errors import Misconfigured
from giftline.suppliers.names import SUPPLIER_NAMES

if TYPE_CHECKING:
    from giftline.secret import Secret
    from giftline.suppliers.http import HttpClient
    from giftline.suppliers.port import PullSupplier, Supplier
    from giftline.suppliers.statements import Statements
    from giftline.suppliers.walleo_signing import WalleoKeys


@cache
def supplier(name: str) -> Supplier | PullSupplier:
    """The adapter of that name; Misconfigured where the catalogue names another."""
    _check(name)
    return _ADAPTERS[name]()


@cache
def statements(supplier: str) -> Statements:
    """What the supplier of that name says of our account there."""
    _check(supplier)
    return _STATEMENTS[supplier]()


def _check(name: str) -> None:
    if name not in SUPPLIER_NAMES:
        raise Misconfigured(f"no supplier is called {name!r}; there are {', '.join(SUPPLIER_NAMES)}")


def _wpay() -> Supplier:
    from giftline.suppliers.wpay import Wpay  # why: cold start

    return Wpay(_http("wpay_base_url"), _wpay_key)


def _walleo() -> PullSupplier:
    from giftline.suppliers.walleo import Walleo  # why: cold start

    return Walleo(_http("walleo_base_url"), settings().need("walleo_base_url"), _walleo_keys, CLOCK.now)


def _wpay_statements() -> Statements:
    from giftline.suppliers.statements_wpay import WpayStatements  # why: cold start

    return WpayStatements(_http("wpay_base_url"), _wpay_key)


def _walleo_statements() -> Statements:
    from giftline.suppliers.statements_walleo import WalleoStatements  # why: cold start

    base_url = settings().need("walleo_base_url")
    return WalleoStatements(_http("walleo_base_url"), base_url, _walleo_keys, CLOCK.now)


@cache
def _http(base_url: str) -> HttpClient:
    """By the setting that holds the address: one pool of connections a supplier."""
    from giftline.suppliers.http import HttpClient  # why: cold start

    return HttpClient(settings().need(base_url))


def _wpay_key() -> Secret:
    return json_secret("supplier_secrets_arn").get("wpay_api_key")


def _walleo_keys() -> WalleoKeys:
    from giftline.suppliers.walleo_signing import WalleoKeys  # why: cold start

    secrets = json_secret("supplier_secrets_arn")
    return WalleoKeys(
        secrets.get("walleo_api_key"), secrets.get("walleo_id").reveal(), secrets.get("walleo_shared_key")
    )


_ADAPTERS: Final[Mapping[str, Callable[[], Supplier | PullSupplier]]] = {"wpay": _wpay, "walleo": _walleo}
_STATEMENTS: Final[Mapping[str, Callable[[], Statements]]] = {"wpay": _wpay_statements, "walleo": _walleo_statements}
