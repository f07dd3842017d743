"""The page's few icons, drawn by hand as lines on a field of 24 × 24."""

from __future__ import annotations

from typing import Final

PHONE: Final = "M8 2.75h8a2 2 0 0 1 2 2v14.5a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V4.75a2 2 0 0 1 2-2zM10.75 18.25h2.5"
WALLET: Final = (
    "M18.5 8V5.75a2 2 0 0 0-2-2H5.25a2.25 2.25 0 0 0 0 4.5h14a1.5 1.5 0 0 1 1.5 1.5v9a1.5 1.5 0 0 1-1.5 1.5"
    "h-14A2.25 2.25 0 0 1 3 18V6M16.75 14.25h.01"
)
SAVE: Final = (
    "M12 3.75v11m-4.25-4.25L12 14.75l4.25-4.25M4.5 17.25v1.5a1.5 1.5 0 0 0 1.5 1.5h12a1.5 1.5 0 0 0 1.5-1.5v-1.5"
)
NO_CARD: Final = "M4 4l16 16M8.5 5H18a2 2 0 0 1 2 2v9.5M17 19H6a2 2 0 0 1-2-2V7c0-.6.25-1.1.6-1.5M4 10h5m5 0h6"


def icon(path: str) -> str:
    """Beside its words, hence nothing that a screen reader says."""
    return f'<svg viewBox="0 0 24 24" aria-hidden="true"><path d="{path}"/></svg>'
