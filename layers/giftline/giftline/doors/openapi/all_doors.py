"""Every door there is, in the order of the document. A new one is added here."""

from __future__ import annotations

from typing import Final

from giftline.doors.openapi.accounts import ACCOUNTS
from giftline.doors.openapi.api_docs import API_DOCS
from giftline.doors.openapi.brands import BRANDS
from giftline.doors.openapi.catalogue import CATALOGUE
from giftline.doors.openapi.files import FILES
from giftline.doors.openapi.model import Door
from giftline.doors.openapi.passes import APPLE, APPLE_OPEN, PASS_PAGE
from giftline.doors.openapi.reconciliation import RECONCILIATION
from giftline.doors.openapi.retention import RETENTION
from giftline.doors.openapi.reviews import REVIEWS
from giftline.doors.openapi.standing import STANDING
from giftline.doors.openapi.walleo import WALLEO, WALLEO_CLIENTS
from giftline.doors.openapi.walletapp import WALLETAPP
from giftline.doors.openapi.webhooks import WEBHOOKS
from giftline.doors.openapi.wpay import WPAY

ALL_DOORS: Final[tuple[Door, ...]] = (
    WPAY,
    FILES,
    WALLETAPP,
    BRANDS,
    WEBHOOKS,
    REVIEWS,
    PASS_PAGE,
    APPLE,
    APPLE_OPEN,
    API_DOCS,
    WALLEO,
    STANDING,
    ACCOUNTS,
    CATALOGUE,
    RETENTION,
    RECONCILIATION,
    WALLEO_CLIENTS,
)
