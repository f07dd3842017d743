"""What is drawn for a scanner is what a scanner reads: symbols, their SVG paths, and PNG pictures of our own."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from giftline.passes import dot_font
from giftline.passes.barcodes import MOST_LINE_MODULES, modules, symbol
from giftline.passes.colours import contrast, looks
from giftline.passes.picture import picture
from giftline.passes.png import Canvas
from giftline.passes.svg import barcode_svg, path
from giftline.wallet.model import BarcodeFormat
from giftline.wallet.opening import OpenedPass
from tests.stack_support.pass_site import BRAND, STORECARD, a_pass
from tests.stack_support.screenshots import codes_in, decoded

QR, LINE = BarcodeFormat.QR, BarcodeFormat.CODE_128
CODES = ["GL-7F3K-92QD", "1", "1234567", "0012345678905", "a1b22c333d4444", "A B/C.D", "x" * 20, "~!{|}"]


def _opened(code: str, barcode: BarcodeFormat) -> OpenedPass:
    return OpenedPass(a_pass(code=code), BRAND, replace(STORECARD, barcode=barcode))


@pytest.mark.parametrize("barcode", [QR, LINE])
@pytest.mark.parametrize("code", CODES)
def test_the_picture_of_a_code_reads_back(code: str, barcode: BarcodeFormat) -> None:
    name = "QR Code" if barcode is QR else "Code 128"
    assert codes_in(picture(_opened(code, barcode))) == [(name, code)]


@settings(max_examples=12, derandomize=True, deadline=None)
@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=20).filter(str.strip))
def test_any_printable_code_reads_back_as_code_128(code: str) -> None:
    assert [text for _, text in codes_in(picture(_opened(code, LINE)))] == [code]


@pytest.mark.parametrize("code", ["Käse-42", "礼品卡-7", "x" * 60, "tab\there"])
def test_what_code_128_cannot_carry_becomes_a_qr_code(code: str) -> None:
    made = symbol(code, LINE)
    assert made is not None
    assert made.format is QR
    assert codes_in(picture(_opened(code, LINE)))[0][0] == "QR Code"


def test_a_code_beyond_ascii_reads_back() -> None:
    assert codes_in(picture(_opened("Käse-礼品卡-42", QR))) == [("QR Code", "Käse-礼品卡-42")]


@pytest.mark.parametrize("code", ["", "x" * 601, "礼" * 201])
def test_a_code_that_nothing_can_carry_has_no_symbol(code: str) -> None:
    assert symbol(code, QR) is None
    assert modules(code, LINE) == ()
    assert picture(_opened(code, QR)).startswith(b"\x89PNG")


def test_quiet_zones_stay_light() -> None:
    square, line = modules("GL-7F3K-92QD", QR), modules("GL-7F3K-92QD", LINE)
    edges = [*square[:4], *square[-4:], *(row[:4] + row[-4:] for row in square)]
    assert not any(any(edge) for edge in edges)
    assert not any(line[0][:10] + line[0][-10:])
    assert len(line) == 1
    assert len(line[0]) <= MOST_LINE_MODULES


def test_the_path_of_an_svg_is_its_modules() -> None:
    rows = modules("GL-7F3K-92QD", QR)
    drawn = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", path(rows))
        for step in range(int(length))
    }
    assert drawn == {(x, y) for y, row in enumerate(rows) for x, dark in enumerate(row) if dark}


def test_an_svg_names_its_code_for_a_screen_reader() -> None:
    made = symbol('A"<1>', QR)
    assert made is not None
    svg = barcode_svg(made, 'A"<1>')
    assert 'role="img" aria-label="QR code A&quot;&lt;1&gt;"' in svg
    assert 'fill="#fff"' in svg
    assert 'fill="#000"' in svg


def test_a_picture_is_small_and_holds_the_brands_colour() -> None:
    made = picture(_opened("GL-7F3K-92QD", QR))
    read = decoded(made)
    assert len(made) < 8_000
    assert read.palette[read.pixel(1, 1)[0] * 3 :][:3] == bytes.fromhex(STORECARD.background[1:])


def test_a_canvas_has_bounds() -> None:
    with pytest.raises(ValueError, match="expected 1 to"):
        Canvas(10_000, 10_000, ((0, 0, 0),))
    with pytest.raises(ValueError, match="expected 1 to"):
        Canvas(0, 1, ((0, 0, 0),))


def test_what_is_drawn_beyond_the_edge_is_left_out() -> None:
    canvas = Canvas(3, 2, ((255, 255, 255), (0, 0, 0)))
    canvas.fill(-5, 1, 7, 9, 1)
    canvas.fill(5, 0, 2, 2, 1)
    assert decoded(canvas.png()).rows == [b"\0\0\0", b"\1\1\0"]


def test_every_letter_has_dots_of_its_own() -> None:
    letters = [chr(at) for at in range(32, 127)]
    assert len({str(dot_font.dots(letter)) for letter in letters}) == 95
    assert not dot_font.can_write("é")
    assert not dot_font.can_write("\n")


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345", "#12345g", "#123456\n", "#123456;}", "url(x)", ""])
def test_what_is_no_colour_never_reaches_the_style_sheet(colour: str) -> None:
    found = looks(replace(STORECARD, background=colour, foreground=colour))
    assert all(re.fullmatch(r"#[0-9a-f]{6}", one) for one in found)


@pytest.mark.parametrize(
    ("background", "foreground"), [("#ffff00", "#ffffff"), ("#000080", "#000000"), ("#777777",) * 2]
)
def test_words_on_a_card_can_always_be_read(background: str, foreground: str) -> None:
    assert contrast(*looks(replace(STORECARD, background=background, foreground=foreground))) >= 4.5


def test_good_colours_stay_as_they_are() -> None:
    assert looks(STORECARD) == (STORECARD.background, STORECARD.foreground)
