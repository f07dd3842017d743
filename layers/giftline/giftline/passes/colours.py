"""A brand's colours, made safe for a page and readable for everybody who looks at it."""

from __future__ import annotations

import re
from typing import Final

from giftline.wallet.model import Template

PLAIN: Final = "#1f3a5f"
WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
READABLE: Final = 4.5
"""Contrast of normal text by WCAG 2.2, level AA."""


def looks(template: Template) -> tuple[str, str]:
    """Background and foreground as `#rrggbb`; a foreground that cannot be read becomes white or black."""
    background = checked(template.background, PLAIN)
    foreground = checked(template.foreground, WHITE)
    if contrast(background, foreground) < READABLE:
        foreground = max(WHITE, BLACK, key=lambda ink: contrast(background, ink))
    return background, foreground


def checked(colour: str, otherwise: str) -> str:
    """The colour goes into a style sheet: nothing but `#rrggbb` may."""
    return colour.lower() if re.fullmatch(r"#[0-9a-fA-F]{6}", colour) else otherwise


def rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def contrast(one: str, other: str) -> float:
    """From 1 to 21, as WCAG 2.2 counts it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
