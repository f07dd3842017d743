"""A pass's code as the dark and light modules that a scanner reads: QR or Code 128, quiet zone included."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, cast

import segno
from barcode.codex import Code128  # type: ignore[import-untyped]

from giftline.wallet.model import BarcodeFormat

QR_QUIET: Final = 4
CODE_128_QUIET: Final = 10
MOST_LINE_MODULES: Final = 310
"""A longer Code 128 would get less than one pixel a module on a telephone, and no scanner reads that."""
MOST_QR_BYTES: Final = 600
"""A larger QR code is too fine for a telephone's screen."""

Modules = tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class Symbol:
    """`modules` are rows, top first, True is dark. A Code 128 has one row, to be drawn as high as one likes."""

    format: BarcodeFormat
    modules: Modules = field(repr=False)

    @property
    def width(self) -> int:
        return len(self.modules[0])

    @property
    def is_line(self) -> bool:
        return self.format is BarcodeFormat.CODE_128

    @property
    def name(self) -> str:
        return "Barcode" if self.is_line else "QR code"


def symbol(code: str, wanted: BarcodeFormat) -> Symbol | None:
    """The wanted format where it can carry the code, else QR; None where neither can: the code is then text alone."""
    if wanted is BarcodeFormat.CODE_128 and (line := _code_128(code)):
        return Symbol(BarcodeFormat.CODE_128, line)
    if not 0 < len(code.encode(errors="replace")) <= MOST_QR_BYTES:
        return None
    return Symbol(BarcodeFormat.QR, _qr(code))


def modules(code: str, wanted: BarcodeFormat) -> Modules:
    """The same as rows alone; empty where no symbol can carry the code."""
    made = symbol(code, wanted)
    return made.modules if made else ()


def _qr(code: str) -> Modules:
    """Error correction M or better; never a Micro QR, which few tills read."""
    encoding = None if code.isascii() else "utf-8"
    made = segno.make_qr(code.encode(errors="replace").decode(), error="m", encoding=encoding)
    return _rows(made.matrix_iter(border=QR_QUIET))


def _code_128(code: str) -> Modules:
    """Empty for what Code 128 cannot carry or a telephone cannot show."""
    if not code or not code.isascii() or not code.isprintable():
        return ()
    # The package draws with writers that we do not want: only its encoder is asked.
    bars = cast("str", Code128(code).build()[0])
    line = "0" * CODE_128_QUIET + bars + "0" * CODE_128_QUIET
    return _rows([[int(bar) for bar in line]]) if len(line) <= MOST_LINE_MODULES else ()


def _rows(matrix: Iterable[Iterable[int]]) -> Modules:
    return tuple(tuple(bool(module) for module in row) for row in matrix)
