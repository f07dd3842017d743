"""A browser's screenshot as grey pixels, and the codes that zxing-cpp reads in it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from operator import add, sub

import zxingcpp

LOW_BYTE = 0xFF
CHANNELS = {0: 1, 2: 3, 3: 1, 6: 4}


@dataclass(frozen=True, slots=True)
class Picture:
    """`rows` hold one byte a pixel for each channel; a palette picture holds its indexes."""

    width: int
    height: int
    channels: int
    rows: list[bytes]
    palette: bytes = b""

    def grey(self) -> bytes:
        """By the green channel, which is most of what an eye and a scanner see."""
        if self.palette:
            return b"".join(row.translate(self.palette[1::3].ljust(256, b"\0")) for row in self.rows)
        return b"".join(row[min(1, self.channels - 1) :: self.channels] for row in self.rows)

    def pixel(self, x: int, y: int) -> tuple[int, ...]:
        at = x * self.channels
        return tuple(self.rows[y][at : at + self.channels])


def codes_in(png: bytes) -> list[tuple[str, str]]:
    """Format and text of each code, as a till's scanner would read them."""
    picture = decoded(png)
    image = memoryview(picture.grey()).cast("B", (picture.height, picture.width))
    return [(str(found.format), found.text) for found in zxingcpp.read_barcodes(image)]


def decoded(png: bytes) -> Picture:
    """8-bit pictures without interlacing: what Chromium and we ourselves write."""
    parts = dict[bytes, bytes]()
    for kind, content in _chunks(png):
        parts[kind] = parts.get(kind, b"") + content
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    assert (depth, interlaced) == (8, 0), f"depth {depth}, interlaced {interlaced}"
    channels = CHANNELS[colour]
    data = zlib.decompress(parts[b"IDAT"])
    return Picture(width, height, channels, list(_rows(data, width * channels, channels)), parts.get(b"PLTE", b""))


def smaller(png: bytes) -> bytes:
    """For the README: 7 bits a channel, which nobody sees, and each row as its difference to the one above."""
    picture = decoded(png)
    fewer = bytes(value & 0xFE | value >> 7 for value in range(256))
    data, above = bytearray(), bytes(picture.width * picture.channels)
    for row in (one.translate(fewer) for one in picture.rows):
        data += b"\2" + bytes(map(LOW_BYTE.__and__, map(sub, row, above)))
        above = row
    parts = [(kind, content) for kind, content in _chunks(png) if kind in {b"IHDR", b"PLTE"}]
    parts += [(b"IDAT", zlib.compress(bytes(data), 9)), (b"IEND", b"")]
    return png[:8] + b"".join(_chunk(kind, content) for kind, content in parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        content = png[at + 8 : at + 8 + length]
        (crc,) = struct.unpack(">I", png[at + 8 + length : at + 12 + length])
        assert crc == zlib.crc32(png[at + 4 : at + 8] + content), "a broken PNG"
        yield png[at + 4 : at + 8], content
        at += 12 + length


def _rows(data: bytes, width: int, step: int) -> Iterator[bytes]:
    before = bytes(width)
    for at in range(0, len(data), width + 1):
        before = _unfiltered(data[at], data[at + 1 : at + 1 + width], before, step)
        yield before


def _unfiltered(kind: int, row: bytes, above: bytes, step: int) -> bytes:
    """The five filters of PNG; the two common ones by what Python does fast."""
    if kind == 0:
        return row
    if kind == 1:
        return _running_sums(row, step)
    if kind == 2:
        return bytes(map(LOW_BYTE.__and__, map(add, row, above)))
    made = bytearray(row)
    for at, value in enumerate(row):
        left = made[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        guess = (left + above[at]) // 2 if kind == 3 else _paeth(left, above[at], corner)
        made[at] = value + guess & LOW_BYTE
    return bytes(made)


def _running_sums(row: bytes, step: int) -> bytes:
    made = bytearray(len(row))
    for channel in range(step):
        made[channel::step] = bytes(map(LOW_BYTE.__and__, accumulate(row[channel::step])))
    return bytes(made)


def _paeth(left: int, above: int, corner: int) -> int:
    guess = left + above - corner
    distances = (abs(guess - left), abs(guess - above), abs(guess - corner))
    return (left, above, corner)[distances.index(min(distances))]
