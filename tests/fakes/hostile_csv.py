"""Files that nobody should drop, made in code; each with what its report must say."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

SKU: Final = "WWQ651BHNWSH"
HEAD: Final = "sku,amount,quantity\n"
FULL: Final = "sku,amount,quantity,currency,name,email,mobile,message,reference\n"
GOOD: Final = f"{SKU},5.00,1\n"
GIB: Final = 2**30
Parts = Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a report: row, column, and words of the problem and of what is expected."""

    row: int
    column: str
    problem: str
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A file as the bucket gives it: `size` is what it says, `parts` what comes. It must be over
    after `most_read` bytes, and its report holds `said` and, unless `has_more`, nothing else. Not `is_traced` is one
    whose memory the bound on rows bounds already: tracing it takes ten times as long as reading it.
    """

    name: str
    parts: Parts
    size: int
    said: tuple[Said, ...]
    most_read: int
    has_more: bool = False
    is_traced: bool = True


def of(name: str, content: str | bytes, *said: Said, has_more: bool = False) -> Hostile:
    """A file that fits in memory; all of it may be read."""
    whole = content.encode() if isinstance(content, str) else content
    return Hostile(name, lambda: iter([whole]), len(whole), said, len(whole), has_more)


def endless(
    name: str, part: bytes, size: int, most_read: int, *said: Said, head: bytes = b"", has_more: bool = False
) -> Hostile:
    """A file of one part again and again: a whole GiB, whatever its size says."""

    def parts() -> Iterator[bytes]:
        yield head
        for _ in range(GIB // len(part)):
            yield part

    return Hostile(name, parts, size, said, most_read, has_more)


def workbook() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    return file.getvalue()


def row(name: str = "", **cells: str) -> str:
    """A row of the full header, unquoted."""
    values = {"sku": SKU, "amount": "5.00", "quantity": "1", "name": name} | cells
    return ",".join(values.get(column, "") for column in FULL.strip().split(",")) + "\n"


def only(column: str, problem: str, expected: str) -> tuple[Said, ...]:
    """A good first row and a wrong second one."""
    return (Said(3, column, problem, expected),)


TEXT = "text in UTF-8"
UTF_8 = "CSV UTF-8"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
MIB = 2**20
ENCODED = FULL + row() + row("Jürgen Müller")
COLUMNS = "sku,amount,quantity and optionally currency"
TOO_LONG = "more than 262,144 characters in one row"

HOSTILE: Final = (
    of("an empty file", b"", Said(0, "", "the file is empty", "a header")),
    of("a BOM alone", b"\xef\xbb\xbf", Said(0, "", "the file is empty", "a header")),
    of("a header only", HEAD, Said(0, "", "no rows below the header", "at least one row")),
    of("blank lines only", "\n" * 5_000, Said(1, "", "the first row is empty", COLUMNS)),
    of("rows of commas below the header", HEAD + ",,\n" * 500, Said(0, "", "no rows below", "at least one row")),
    of("no header", GOOD * 3, *(Said(1, name, "missing", COLUMNS) for name in ("sku", "amount", "quantity")),
       *(Said(1, name, "unknown column", COLUMNS) for name in (SKU.lower(), "5.00", "1"))),
    of("a missing column", "sku,amount\n" + GOOD, Said(1, "quantity", "this column is missing", COLUMNS)),
    of("a doubled column", "sku,amount,quantity,sku\n", Said(1, "sku", "stands there twice", "each column once")),
    of("a column without a name", "sku,amount,quantity,\n", Said(1, "", "a column without a name", COLUMNS)),
    of("an unknown column", "sku,amount,quantity,pin\n", Said(1, "pin", "unknown column", COLUMNS)),
    of("a second BOM", b"\xef\xbb\xbf" * 2 + (HEAD + GOOD).encode(), Said(1, "sku", "missing", COLUMNS),
       Said(1, "\ufeffsku", "U+FEFF ZERO WIDTH NO-BREAK SPACE", COLUMNS)),
    of("a NUL in a cell", FULL + row() + row("Jo\0hn"), *only("name", "a NUL byte", TEXT)),
    of("a NUL in the header", "sku,amo\0unt,quantity\n", Said(1, "amount", "missing", COLUMNS),
       Said(1, "amo␀unt", "a NUL byte", TEXT)),
    of("UTF-16 with its mark, little end first", b"\xff\xfe" + (HEAD + GOOD).encode("utf-16-le"),
       Said(0, "", "UTF-16", UTF_8)),
    of("UTF-16 with its mark, big end first", b"\xfe\xff" + (HEAD + GOOD).encode("utf-16-be"),
       Said(0, "", "UTF-16", UTF_8)),
    of("UTF-16 without a mark", (HEAD + GOOD).encode("utf-16-le"), Said(0, "", "UTF-16", UTF_8)),
    of("UTF-16 without a mark, big end first", (HEAD + GOOD).encode("utf-16-be"), Said(0, "", "UTF-16", UTF_8)),
    of("UTF-32 without a mark", (HEAD + GOOD).encode("utf-32-le"), Said(0, "", "UTF-32", UTF_8)),
    of("UTF-32, little end first", b"\xff\xfe\0\0" + (HEAD + GOOD).encode("utf-32-le"), Said(0, "", "UTF-32", UTF_8)),
    of("UTF-32, big end first", b"\0\0\xfe\xff" + (HEAD + GOOD).encode("utf-32-be"), Said(0, "", "UTF-32", UTF_8)),
    of("latin-1", ENCODED.encode("latin-1"), *only("name", "not UTF-8", UTF_8)),
    of("cp1252", (FULL + row() + row("“Jo” – €")).encode("cp1252"), *only("name", "not UTF-8", UTF_8)),
    of("Shift-JIS", (FULL + row() + row("山田太郎", message="表示")).encode("shift-jis"),
       *only("name", "not UTF-8", UTF_8), *only("message", "not UTF-8", UTF_8)),
    of("a Shift-JIS header", "sku,amount,quantity,名前\n".encode("shift-jis"),
       Said(1, "���o", "not UTF-8", UTF_8)),
    of("a character cut in two at the end", FULL.encode() + row().encode() + b"WWQ651BHNWSH,5,1,,Zo\xc3",
       Said(3, "", "5 cells", "9, as in the header")),
    of("an empty zip", b"PK\x05\x06" + bytes(18), Said(0, "", "an empty ZIP archive", UTF_8)),
    of("a zip", workbook(), Said(0, "", "a ZIP archive or an Excel workbook", UTF_8)),
    of("a PNG", PNG, Said(0, "", "a PNG picture", "CSV in UTF-8")),
    of("a gzip", b"\x1f\x8b\x08\0" + bytes(100), Said(0, "", "gzip", "unpacked")),
    of("random bytes", bytes((n * 151 + n // 7) % 256 for n in range(40_000)), Said(1, "sku", "missing", COLUMNS),
       has_more=True),
    of("formulas", HEAD + '=cmd|\' /C calc\'!A0,"=1+1",@SUM(A1)\n', Said(2, "sku", "unknown sku", f"{SKU}"),
       Said(2, "amount", "not an amount", "digits"), Said(2, "quantity", "not a quantity", "a whole number")),
    of("a cell of 200 KB", FULL + row() + row(message="x" * 200_000),
       *only("message", "200,000 characters", "at most 500")),
    of("a sku of 200 KB", HEAD + GOOD + "x" * 200_000 + ",5,1\n", *only("sku", "unknown sku", SKU)),
    of("thousands of skus of 6 KB", HEAD + "".join(f"\U0001f381{'x' * 6_000}{n},5,1\n" for n in range(1_600)),
       Said(1_601, "sku", "unknown sku", SKU), has_more=True),
    of("an amount of 200 KB", HEAD + GOOD + SKU + "," + "9" * 200_000 + ",1\n",
       *only("amount", "not an amount", "500")),
    of("a cell of 2 MB", FULL + row() + row(message="x" * 2_000_000), *only("message", TOO_LONG, "one short row")),
    of("an unclosed quote", FULL + row() + row('"Ann') + row() * 50, *only("name", "never closed", "not read")),
    of("an unclosed quote in a long file", FULL + row() + row('"Ann') + row() * 20_000,
       *only("name", TOO_LONG, "each quote that opens a cell closed")),
    of("a quote closed rows below", FULL + row() + row('"Ann') + row() * 5 + row('"Bo Lee') + row(sku="NOPE"),
       *only("name", "the next one, 6 lines below, does not end", "were not read"), Said(4, "sku", "unknown", SKU)),
    of("an unclosed quote in the header", '"sku,amount,quantity\n' + GOOD * 9, Said(1, "", "never closed", "quote")),
    of("text behind a closing quote", FULL + row() + row('"Ann" Lee') + row(sku="NOPE"),
       *only("name", "ends it too early", "doubled"), Said(4, "sku", "unknown sku 'NOPE'", SKU)),
    of("quotes within quotes", FULL + row() + row(message='"say "hi" now"'), *only("message", "too early", "doubled")),
    of("ragged rows", HEAD + "a,b\n" + "a,b,c,d\n" + "\n" + "x\n", Said(2, "", "2 cells", "3, as in the header"),
       Said(3, "", "4 cells", "needs quotes"), Said(5, "", "1 cell", "3, as in the header")),
    of("semicolons in a comma file", HEAD + GOOD + f"{SKU};5.00;1\n", *only("", "1 cell", "with ',' between them")),
    of("commas in a semicolon file", (HEAD + GOOD).replace(",", ";") + GOOD, *only("", "1 cell", "with ';' between")),
    of("a million columns in the header", ",".join(["sku"] * 1_000_000) + "\n", Said(1, "", TOO_LONG, "short row")),
    of("a million columns in a row", HEAD + GOOD + "a-b," * 1_000_000, *only("", TOO_LONG, "one short row a line")),
    of("a hundred thousand columns", HEAD + GOOD + "," * 99_999 + "\n" + "a," * 99_999 + "\n",
       Said(4, "", "100,000 cells", "3, as in the header")),
    of("100,001 cards", HEAD + f"{SKU},5,100000\n{SKU},6,1\n", Said(0, "quantity", "100001 cards", "at most 100000")),
    of("a quantity of a thousand million", HEAD + GOOD + f"{SKU},5,1000000000\n",
       *only("quantity", "not a quantity", "from 1 to 100000")),
    of("a quantity of 1e9", HEAD + GOOD + f"{SKU},5,1e9\n", *only("quantity", "not a quantity", "digits 0 to 9")),
    of("a negative quantity", HEAD + GOOD + f"{SKU},5,-1\n", *only("quantity", "not a quantity", "from 1 to")),
    of("a thousands separator", HEAD + GOOD + f'{SKU},"1,000.00",1\n',
       *only("amount", "digits and one point", "500.00")),
    of("a thousands separator without quotes", HEAD + GOOD + f"{SKU},1,000.00,1\n", *only("", "4 cells", "quotes")),
    of("a decimal comma", (HEAD + GOOD).replace(",", ";") + f"{SKU};5,00;1\n", *only("amount", "one point", "5.00 to")),
    of("Arabic digits", HEAD + GOOD + f"{SKU},\u0665\u0660,\u0663\n",
       *only("amount", "U+0665 ARABIC-INDIC DIGIT FIVE", "500.00"),
       *only("quantity", "U+0663 ARABIC-INDIC DIGIT THREE", "digits 0 to 9")),
    of("zero-width characters", HEAD + GOOD + f"WWQ651\u200bBHNWSH,5,1\n{SKU},5\u200d,1\u2060\n",
       *only("sku", "U+200B ZERO WIDTH SPACE", SKU), Said(4, "amount", "U+200D ZERO WIDTH JOINER", "5.00 to"),
       Said(4, "quantity", "U+2060 WORD JOINER", "digits")),
    of("1,001 kinds of cards", HEAD + "".join(f"{SKU},{5 + n / 100:.2f},1\n" for n in range(1_003)),
       Said(1_002, "amount", "over 1000 different pairs", "at most 1000")),
    of("two currencies", HEAD + GOOD + "FNAC,15,1\n", Said(0, "currency", "more than one currency", "one currency")),
    endless("1 GiB of newlines", b"\n" * 65_536, GIB, 0, Said(0, "", "the file has 1,024 MiB", "at most 32 MiB")),
    endless("1 GiB of zeros", bytes(65_536), GIB, 0, Said(0, "", "the file has 1,024 MiB", "at most 32 MiB")),
    endless("newlines whose size is a lie", b"\n" * 65_536, 9, MIB, Said(1, "", "the first row is empty", COLUMNS)),
    endless("zeros whose size is a lie", bytes(65_536), 9, MIB, Said(1, "", "NUL bytes among them", "short row")),
    replace(
        endless("blank rows whose number has no end", b"\n" * 65_536, 9, MIB,
                Said(100_002, "", "more than 100000 rows", "at most 100000, empty ones counted"), head=HEAD.encode()),
        is_traced=False,
    ),
    endless("long rows whose number has no end", b"x" * 65_535 + b"\n", 9, 33 * MIB,
            Said(0, "", "the file has more than", "at most 32 MiB"), head=HEAD.encode(), has_more=True),
)  # fmt: skip

USABLE: Final = {
    "lines that end with a return alone": (FULL + row("Ann")).replace("\n", "\r"),
    "mixed line ends": FULL + row("Ann").strip() + "\r\n" + "\r\r\n",
    "spaces around everything": FULL.replace(",", " , ") + row("Ann").replace(",", "  ,  "),
    "no-break spaces": FULL + row("Ann", amount="\u00a05.00\u00a0"),
    "a quote in the middle of a cell": FULL + row('An"n'),
    "no line end at the end": (FULL + row("Ann")).strip(),
    "a mark and semicolons": "\ufeff" + (FULL + row("Ann")).replace(",", ";"),
    "all in quotes": (FULL + row("Ann")).replace(",", '","').replace("\n", '"\n"').join(['"', ""]).removesuffix('"'),
}
