"""A long file through the whole of accept_csv, in a process of its own, so that its memory can be measured.

Run by `python -m tests.fakes.csv_at_scale KIND ROWS`; it prints what came of it as JSON.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from giftline.delivery.accepting_csv import AcceptCsv
from giftline.delivery.order_csv import MAX_FILE
from giftline.storage.s3 import S3Drops, S3Files
from tests.fakes.house import CATALOGUE, House
from tests.fakes.storage import FakeFileProgress

KEY: Final = "orders/acme/long.csv"
HEAD: Final = b"sku,amount,quantity,name,email,mobile,message,reference\n"
ROWS: Final[dict[str, Callable[[int], bytes]]] = {
    "long": lambda at: b"WWQ651BHNWSH,%d.00,1,Person %d,,+614,%s,EMP-%d\n" % (5 + at % 50, at, b"x" * 500, at),
    "wrong": lambda at: b"NOPE-%d,x,0,Person,=1+1,+614,%s,EMP\n" % (at, b"y" * 501),
}


class Rows(io.RawIOBase):
    """An object's body whose rows are made as they are read: the file is never whole anywhere."""

    def __init__(self, kind: str, count: int) -> None:
        self._rows = self._made(kind, count)
        self._left = b""

    def _made(self, kind: str, count: int) -> Iterator[bytes]:
        yield HEAD
        for at in range(count):
            yield ROWS[kind](at)

    def read(self, size: int = -1) -> bytes:
        parts, length = [self._left], len(self._left)
        while length < size and (row := next(self._rows, b"")):
            parts.append(row)
            length += len(row)
        whole = b"".join(parts)
        self._left = whole[size:]
        return whole[:size]


@dataclass
class Discarding:
    """An S3 client that counts the bytes written by key and keeps none."""

    kind: str
    rows: int
    written: Counter[str] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)

    def get_object(self, **_: Any) -> dict[str, Any]:
        made = datetime(2026, 11, 1, tzinfo=UTC)
        return {"Body": Rows(self.kind, self.rows), "ContentLength": 1, "ETag": "e", "LastModified": made}

    def head_object(self, **_: Any) -> dict[str, Any]:
        return {"ETag": "e"}

    def create_multipart_upload(self, **_: Any) -> dict[str, Any]:
        return {"UploadId": "u"}

    def upload_part(self, **part: Any) -> dict[str, Any]:
        self.put_object(**part)
        return {"ETag": "e"}

    def put_object(self, **object_: Any) -> None:
        self.written[object_["Key"]] += len(object_["Body"])
        self.lines[object_["Key"]] += object_["Body"].count(b"\n")

    def complete_multipart_upload(self, **_: Any) -> None:
        """Nothing is kept."""

    def delete_object(self, **_: Any) -> None:
        """Nothing was kept."""


def peak() -> int:
    """Bytes. Not ru_maxrss where there is better: on Linux it begins with that of the process which started this."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main(kind: str, count: int) -> dict[str, Any]:
    house, client, progress = House(), Discarding(kind, count), FakeFileProgress()
    store: Any = client
    files = S3Files(store, "results")
    house.files = files  # type: ignore[assignment]
    accept = AcceptCsv(
        S3Drops(store, "drop"), files, house.accept_order, CATALOGUE, {"acme"}.__contains__, MAX_FILE, progress
    )
    before, began = peak(), time.process_time()
    order = accept(KEY)
    seconds = time.process_time() - began
    return {
        "cards": order.quantity if order else 0,
        "peak": peak() - before,
        "seconds": round(seconds, 2),
        "written": dict(client.written),
        "lines": dict(client.lines),
        "told": len(progress.history),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], int(sys.argv[2]))))
