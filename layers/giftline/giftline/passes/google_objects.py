"""The classes and objects of Google Wallet that show our passes (docs/protocols.md, Google Wallet).

A class is what the passes of one template have in common, an object is one pass. Both are written whole at
every save, so that what a person sees is what is true now.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from giftline.passes.words import is_over
from giftline.secret import Secret
from giftline.wallet.links import derived
from giftline.wallet.model import BarcodeFormat, Millis, Pass, PassKind, Template
from giftline.wallet.opening import OpenedPass

Body = dict[str, Any]

ACCOUNT_ID_LENGTH: Final = 20
"""The length that Google recommends."""
LARGEST_INT: Final = 2**31 - 1
"""Google's `balance.int` is an int32; a larger balance goes as text."""
BARCODES: Final[Mapping[BarcodeFormat, str]] = {BarcodeFormat.QR: "QR_CODE", BarcodeFormat.CODE_128: "CODE_128"}


@dataclass(frozen=True, slots=True)
class Family:
    """How Google names the resources of one kind of pass; `payload` is the list of them in a save link."""

    classes: str
    objects: str
    payload: str


FAMILIES: Final[Mapping[PassKind, Family]] = {
    PassKind.STORECARD: Family("loyaltyClass", "loyaltyObject", "loyaltyObjects"),
    PassKind.COUPON: Family("offerClass", "offerObject", "offerObjects"),
}


@dataclass(frozen=True, slots=True)
class GoogleObjects:
    """`link_key` makes account ids that nobody can guess a person from, as a plain hash of a mail address lets them.

    Google takes no loyalty class without a logo, at a public https address: with an empty `logo_url` the class
    goes out without one, which is enough for coupons only.
    """

    issuer_id: str
    logo_url: str
    link_key: Secret

    def class_id(self, opened: OpenedPass) -> str:
        """One for each template: a hash, as tenants' own ids hold characters that Google does not take."""
        template = opened.template
        named = json.dumps((opened.held.tenant, opened.brand.id, template.kind, template.id))
        return f"{self.issuer_id}.{template.kind}-{hashlib.sha256(named.encode()).hexdigest()[:32]}"

    def object_id(self, held: Pass) -> str:
        return f"{self.issuer_id}.{held.id}"

    def class_body(self, opened: OpenedPass) -> Body:
        """Google reviews each change of a class by itself: UNDER_REVIEW is how it is handed in."""
        body = {
            "id": self.class_id(opened),
            "issuerName": opened.brand.name,
            "reviewStatus": "UNDER_REVIEW",
            "hexBackgroundColor": opened.template.background,
        }
        if opened.held.kind == PassKind.STORECARD:
            return body | {"programName": opened.template.title} | self._logo("programLogo", opened)
        return body | _offer(opened) | self._logo("titleImage", opened)

    def object_body(self, opened: OpenedPass, now: Millis) -> Body:
        """Without the holder's name: Google needs none, so it gets none."""
        held = opened.held
        body: Body = {"id": self.object_id(held), "classId": self.class_id(opened), "state": state(held, now)}
        if held.code:
            body["barcode"] = barcode(held.code, opened.template)
        if interval := valid_time(held):
            body["validTimeInterval"] = interval
        if held.kind == PassKind.STORECARD:
            account = {"accountId": self.account_id(held)}
            return body | account | {"loyaltyPoints": {"label": "Points", "balance": balance(held.points)}}
        if held.title and held.title != opened.template.title:
            body["textModulesData"] = [{"id": "title", "header": opened.template.title, "body": held.title}]
        return body

    def account_id(self, held: Pass) -> str:
        """The same for all storecards of one member."""
        return derived(self.link_key, "google", held.tenant, held.identifier)[:ACCOUNT_ID_LENGTH]

    def _logo(self, name: str, opened: OpenedPass) -> Body:
        if not self.logo_url:
            return {}
        words = {"defaultValue": {"language": "en", "value": opened.brand.name}}
        return {name: {"sourceUri": {"uri": self.logo_url}, "contentDescription": words}}


def state(held: Pass, now: Millis) -> str:
    if held.revoked_at is not None:
        return "INACTIVE"
    return "EXPIRED" if is_over(held, now) else "ACTIVE"


def barcode(code: str, template: Template) -> Body:
    return {"type": BARCODES[template.barcode], "value": code, "alternateText": code}


def balance(points: int) -> Body:
    return {"int": points} if -LARGEST_INT <= points <= LARGEST_INT else {"string": str(points)}


def valid_time(held: Pass) -> Body:
    """Without an offset: Google then means the time where the phone is."""
    interval: Body = {}
    if held.starts_on:
        interval["start"] = {"date": f"{held.starts_on}T00:00:00"}
    if held.expires_on:
        interval["end"] = {"date": f"{held.expires_on}T23:59:59"}
    return interval


def _offer(opened: OpenedPass) -> Body:
    offer = {"title": opened.template.title, "provider": opened.brand.name, "redemptionChannel": "BOTH"}
    return offer | ({"details": opened.template.description} if opened.template.description else {})
