"""The pictures that an Apple pass must bring along: a parcel with a ribbon, in the colours of its template."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from giftline.passes.colours import rgb
from giftline.passes.png import Canvas

SIZES: Final[Mapping[str, int]] = {
    "icon.png": 29,
    "icon@2x.png": 58,
    "icon@3x.png": 87,
    "logo.png": 50,
    "logo@2x.png": 100,
}
"""Width and height in pixels (Apple, Wallet Developer Guide, Pass Design and Creation)."""
RIBBON: Final = 6
"""The ribbon is so much narrower than the parcel."""
KEPT: Final = 256


@lru_cache(maxsize=KEPT)
def pictures(background: str, foreground: str) -> Mapping[str, bytes]:
    """PNG files by name. Colours are `#rrggbb`."""
    return MappingProxyType({name: parcel(side, foreground, background) for name, side in SIZES.items()})


def parcel(side: int, paper: str, ribbon: str) -> bytes:
    """A square PNG of two colours."""
    canvas = Canvas(side, side, (rgb(paper), rgb(ribbon)))
    start, end = (side - side // RIBBON) // 2, (side + side // RIBBON) // 2
    canvas.fill(start, 0, end - start, side, 1)
    canvas.fill(0, start, side, end - start, 1)
    return canvas.png()
