"""A small writer of PNG pictures with a palette: what a pass's picture needs, without an imaging library."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MOST_PIXELS: Final = 2_000_000

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Canvas:
    """Pixels are indexes into the palette; index 0 is the ground."""

    width: int
    height: int
    palette: Sequence[Colour]
    rows: list[bytearray] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not 0 < self.width * self.height <= MOST_PIXELS:
            raise ValueError(f"a picture of {self.width} × {self.height} pixels; expected 1 to {MOST_PIXELS} of them")
        object.__setattr__(self, "rows", [bytearray(self.width) for _ in range(self.height)])

    def fill(self, left: int, top: int, width: int, height: int, ink: int) -> None:
        """A rectangle; what lies outside of the picture is left out."""
        start, end = max(0, left), min(self.width, left + width)
        for row in self.rows[max(0, top) : max(0, top + height)]:
            row[start:end] = bytes([ink]) * max(0, end - start)

    def stamp(self, left: int, top: int, dots: Sequence[Sequence[bool]], wide: int, high: int, ink: int) -> None:
        """Dots of `wide` × `high` pixels; light ones leave what is there."""
        for y, line in enumerate(dots):
            for x, dark in enumerate(line):
                if dark:
                    self.fill(left + x * wide, top + y * high, wide, high, ink)

    def png(self) -> bytes:
        """The file: header, palette, one compressed stream of unfiltered rows."""
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        data = zlib.compress(b"".join(b"\0" + row for row in self.rows), 9)
        palette = b"".join(bytes(colour) for colour in self.palette)
        parts = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b""))
        return SIGNATURE + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
