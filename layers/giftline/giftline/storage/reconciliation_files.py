"""Reports in the results bucket, written as the exports are, and read again line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from giftline.errors import NotFound
from giftline.storage.conditions import expect
from giftline.storage.s3 import S3Files


class S3Reports(S3Files):
    """The ReportFiles port; encryption is the bucket's own (SSE-KMS)."""

    def lines(self, key: str) -> Iterator[str]:
        return (line.decode() for line in self._body(key).iter_lines())

    def text(self, key: str) -> bytes:
        return bytes(self._body(key).read())

    def _body(self, key: str) -> Any:
        try:
            return self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
        except ClientError as error:
            expect(error, "NoSuchKey")
            raise NotFound(f"no report under {key!r:.200}") from error
