"""Searching for card numbers and PINs where none may be, in every dress in which they could have come there."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_ISREG

SHORTEST = 18
"""Digits of a card number of the sandbox: Walleo's have so many, Wpay's one more."""
RAW = re.compile(rb"\d{18,}")
HEX = re.compile(rb"(?:3[0-9]){18,}")
PERCENT = re.compile(rb"(?:%3[0-9]){18,}")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}")
PIN = re.compile(rb"""(?i)\bpin(?:code)?\W{1,6}\d{4,6}\b|card_?pin\W{1,6}\d{4,6}\b""")


def found_in(text: bytes, numbers: frozenset[bytes]) -> list[str]:
    """What of the secrets a text holds: raw, base64, hex or URL-encoded; and PINs beside their name."""
    found = [f"raw …{number[-4:].decode()}" for number in numbers_in(text, numbers)]
    found += [f"hex of …{number[-4:].decode()}" for number in hidden(HEX, text, 2, numbers)]
    found += [f"URL-encoded …{number[-4:].decode()}" for number in hidden(PERCENT, text, 3, numbers)]
    for run in BASE64.findall(text):
        if run.isdigit():
            continue
        for start in range(4):
            inner = decoded(run[start:])
            found += [f"base64 of …{number[-4:].decode()}" for number in numbers_in(inner, numbers)]
            found += [f"base64 of a PIN at {match.start()}" for match in PIN.finditer(inner)]
    found += [f"a PIN beside its name, at {match.start()}" for match in PIN.finditer(text)]
    return found


def numbers_in(text: bytes, numbers: frozenset[bytes]) -> Iterator[bytes]:
    for run in RAW.findall(text):
        yield from windows(run, numbers)


def hidden(pattern: re.Pattern[bytes], text: bytes, width: int, numbers: frozenset[bytes]) -> Iterator[bytes]:
    """Digits written as `width` characters each, of which the last is the digit."""
    for run in pattern.findall(text):
        yield from windows(run[width - 1 :: width], numbers)


def windows(run: bytes, numbers: frozenset[bytes]) -> Iterator[bytes]:
    for digits in {len(number) for number in numbers} if len(run) >= SHORTEST else ():
        for at in range(len(run) - digits + 1):
            if run[at : at + digits] in numbers:
                yield run[at : at + digits]


def decoded(run: bytes) -> bytes:
    whole = run[: len(run) // 4 * 4].translate(bytes.maketrans(b"-_", b"+/"))
    return base64.b64decode(whole)


def found_in_files(folder: Path, numbers: frozenset[bytes], but: Iterable[Path] = ()) -> list[str]:
    """The same in every file under a folder, but for the folders that may hold cards."""
    spared = tuple(but)
    files = (Path(place, name) for place, _, names in os.walk(folder) for name in names)
    searched = (file for file in files if not any(file.is_relative_to(one) for one in spared))
    return [
        f"{file.relative_to(folder)}: {what}"
        for file, content in contents_of(searched)
        for what in found_in(content, numbers)
    ]


def contents_of(files: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    """Each file once, whatever its names; a worker that ends meanwhile takes its own away."""
    seen: set[int] = set()
    for file in files:
        with suppress(FileNotFoundError):
            found = file.lstat()
            if S_ISREG(found.st_mode) and found.st_ino not in seen:
                seen.add(found.st_ino)
                yield file, file.read_bytes()
