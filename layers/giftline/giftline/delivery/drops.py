"""The port of the bucket where files are dropped: of a file nothing is read but what is asked for."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Protocol

from giftline.orders.model import Millis

MAX_NAME: Final = 1_000
"""Bytes of a report's key between its folder and its ending."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A dropped file: its size in bytes, and its bytes, which come as they are asked for.

    `tag` is another for other content under the same name; `dropped_at` tells the later of two drops.
    """

    size: int
    parts: Iterable[bytes]
    tag: str = ""
    dropped_at: Millis = 0


class Drops(Protocol):
    """The drop bucket."""

    def open(self, key: str) -> AbstractContextManager[Drop]:
        """The object, of which nothing is read but what is asked for."""
        ...

    def is_replaced(self, key: str, tag: str) -> bool:
        """Whether another content lies there by now, of which an event of its own tells. False for what is gone."""
        ...


def report_key(tenant: str, refno: str) -> str:
    """Where in the results bucket lies what is wrong with a file."""
    return report_key_of(f"{tenant}/{refno}")


def report_key_of(name: str) -> str:
    """Of a name that may fill all of S3's 1,024 bytes: the report's would be longer."""
    return f"rejected/{name.encode()[:MAX_NAME].decode(errors='ignore')}.errors.csv"
