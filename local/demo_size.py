"""CARDS: how large an order the demo sends."""

from collections.abc import Mapping

from local.errors import WrongSettings

LARGEST = 25_000


def read_size(environ: Mapping[str, str]) -> int | None:
    """The number of cards, None for the sample files; WrongSettings where it is no such number."""
    text = environ.get("CARDS", "").strip()
    if not text:
        return None
    is_whole = text.isascii() and text.isdigit() and len(text) <= 9
    if not is_whole or not 1 <= int(text) <= LARGEST:
        raise WrongSettings([f"CARDS is {text!r}: expected a whole number of cards from 1 to {LARGEST}"])
    return int(text)
