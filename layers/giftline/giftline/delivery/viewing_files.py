"""What a tenant may see of a file that it dropped, before there is an order and where there will be none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from giftline.delivery.drops import report_key
from giftline.delivery.file_progress import SILENT, FileProgress, FileReading, FileState
from giftline.errors import NotFound
from giftline.orders.ports import Clock, Files

MAX_SHOWN: Final = 100
_NO_NAME: Final = re.compile(r"[^A-Za-z0-9._:@+=-]")


@dataclass(frozen=True, slots=True)
class FileView:
    """`report` is a link that expires, of a refused file; what `is_stopped` was not heard of for long."""

    reading: FileReading
    report: str
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class ViewFile:
    progress: FileProgress
    files: Files
    clock: Clock

    def __call__(self, tenant: str, name: str) -> FileView:
        """By its refno, with `.csv` or without. NotFound alike for unknown and foreign."""
        view = self.find(tenant, name.removesuffix(".csv"))
        if view is None:
            raise NotFound(f"no file with name {name!r:.80}")
        return view

    def find(self, tenant: str, refno: str) -> FileView | None:
        reading = self.progress.find(tenant, refno)
        if reading is None:
            return None
        is_refused = reading.state is FileState.REFUSED
        report = self.files.link(report_key(tenant, refno), _saved_as(refno)) if is_refused else ""
        is_silent = self.clock.now() - reading.at > SILENT
        return FileView(reading, report, is_silent and reading.state is FileState.READING)


def _saved_as(refno: str) -> str:
    """S3 refuses a link whose header holds more than ASCII, and a refused name may be anything."""
    return f"{_NO_NAME.sub('_', refno)[:MAX_SHOWN]}.errors.csv"
