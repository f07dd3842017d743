"""Rows of a bulk request as one object in the results bucket, a line a row, read by byte range."""

from __future__ import annotations

import json
from collections.abc import Iterable
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from giftline.errors import NotFound
from giftline.storage.conditions import expect
from giftline.storage.s3 import S3Export
from giftline.wallet.batch import Row

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

WINDOW: Final = 256 * 1024
"""Bytes asked for at once: room for 500 rows of the usual size."""
_encoder: Final = json.JSONEncoder(separators=(",", ":"))


class S3Rows:
    """The RowFiles port; encryption is the bucket's own (SSE-KMS)."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def save(self, key: str, rows: Iterable[Row]) -> list[int]:
        offsets = [0]
        with S3Export(self._client, self._bucket, key, "application/jsonl") as file:
            for row in rows:
                line = _line(row)
                file.write(line)
                offsets.append(offsets[-1] + len(line))
        return offsets

    def read(self, key: str, offset: int, end: int, most: int) -> list[tuple[Row, int]]:
        """A row that is longer than a window takes several."""
        found: list[tuple[Row, int]] = []
        asked, rest = offset, b""
        while len(found) < most and asked < end:
            part = self._range(key, asked, min(asked + WINDOW, end))
            asked += len(part)
            *lines, rest = (rest + part).split(b"\n")
            for line in islice(lines, most - len(found)):
                offset += len(line) + 1
                found.append((_row(line), offset))
        return found

    def save_answer(self, key: str, text: str) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=text.encode(), ContentType="application/json")

    def answer(self, key: str) -> str:
        """NotFound where none was saved."""
        try:
            body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
        except ClientError as error:
            expect(error, "NoSuchKey")
            raise NotFound(f"no answer under {key!r:.200}") from error
        return body.read().decode()

    def _range(self, key: str, start: int, stop: int) -> bytes:
        answer = self._client.get_object(Bucket=self._bucket, Key=key, Range=f"bytes={start}-{stop - 1}")
        part = answer["Body"].read()
        if not part:
            raise EOFError(f"{key} ends before byte {stop}")
        return part


def _line(row: Row) -> bytes:
    """ASCII: no character of a value can be taken for the end of its line."""
    values: list[Any] = [row.number, row.identifier, dict(row.values)]
    if row.missing:
        values.append(1)
    return _encoder.encode(values).encode() + b"\n"


def _row(line: bytes) -> Row:
    number, identifier, values, *missing = json.loads(line)
    return Row(number, identifier, values, bool(missing))
