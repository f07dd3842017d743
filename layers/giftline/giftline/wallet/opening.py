"""A download link opens its pass; a wrong, an expired and a revoked one are all the same nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from giftline.errors import NotFound
from giftline.orders.ports import Clock
from giftline.wallet.links import Links
from giftline.wallet.model import Brand, Pass, PassKind, Template
from giftline.wallet.ports import Wallets

PASS_ID: Final = re.compile(r"[A-Za-z0-9]{1,64}")
"""The table takes no key of any length, and its refusal would look different from ours."""
NOTHING: Final = "this link opens no pass"


@dataclass(frozen=True, slots=True)
class OpenedPass:
    """A pass with the brand and the template that say how it looks."""

    held: Pass
    brand: Brand
    template: Template


@dataclass(frozen=True, slots=True)
class OpenPass:
    """By the last part of a download link, `<pass id>.<token>`."""

    wallets: Wallets
    links: Links
    clock: Clock

    def __call__(self, reference: str) -> OpenedPass:
        """NotFound in the same words for whatever is wrong with it."""
        pass_id, _, token = reference.partition(".")
        held = self.wallets.passes([pass_id]).get(pass_id) if PASS_ID.fullmatch(pass_id) and token else None
        if held is None or not self.links.opens(held, token, self.clock.now()):
            raise NotFound(NOTHING)
        return with_its_looks(self.wallets, held)


def with_its_looks(wallets: Wallets, held: Pass) -> OpenedPass:
    """A template that is gone leaves the pass with plain looks: what was given out stays good."""
    brand = wallets.brand(held.tenant, held.brand_id) or Brand(held.brand_id, held.tenant, held.brand_id)
    kind = PassKind(held.kind)
    template = brand.template(kind, held.template_id) or Template(held.template_id, kind, held.title)
    return OpenedPass(held, brand, template)
