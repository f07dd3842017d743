"""The results bucket: exports streamed in parts, request bodies, links that expire."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import fields
from operator import attrgetter
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from botocore.exceptions import ClientError

from giftline.delivery.drops import Drop
from giftline.orders.model import Recipient

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

PART_SIZE: Final = 5 * 1024 * 1024
"""S3's smallest multipart part: what one export holds in memory at most."""
READ_SIZE: Final = 256 * 1024
"""Bytes of a dropped file in memory at once."""
LINK_SECONDS: Final = 15 * 60
_NAMES: Final = tuple(field.name for field in fields(Recipient))
# why: dataclasses.asdict copies each value, which takes as long as all that is done else for a row
_values_of: Final = attrgetter(*_NAMES)
_encoder: Final = json.JSONEncoder()


class S3Files:
    """The Files port; encryption is the bucket's own (SSE-KMS)."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def export(self, key: str, content_type: str) -> S3Export:
        return S3Export(self._client, self._bucket, key, content_type)

    def link(self, key: str, filename: str) -> str:
        return self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ResponseContentDisposition": f'attachment; filename="{filename}"',
            },
            ExpiresIn=LINK_SECONDS,
        )

    def save_recipients(self, key: str, recipients: Iterable[Recipient]) -> None:
        with self.export(key, "application/jsonl") as file:
            for recipient in recipients:
                line = _encoder.encode(dict(zip(_NAMES, _values_of(recipient), strict=True)))
                file.write(line.encode() + b"\n")

    def recipients(self, key: str) -> Iterator[Recipient]:
        body = self._client.get_object(Bucket=self._bucket, Key=key)["Body"]
        return (Recipient(**json.loads(line)) for line in body.iter_lines())

    def remove(self, key: str) -> None:
        self._client.delete_object(Bucket=self._bucket, Key=key)


class S3Drops:
    """The drop bucket, read as its bytes come."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    @contextmanager
    def open(self, key: str) -> Iterator[Drop]:
        answer = self._client.get_object(Bucket=self._bucket, Key=key)
        dropped_at = int(answer["LastModified"].timestamp() * 1000)
        # why: closed unread, the connection is given up; nobody waits for the rest of a file that is too large
        with closing(answer["Body"]) as body:
            parts = iter(lambda: body.read(READ_SIZE), b"")
            yield Drop(answer["ContentLength"], parts, answer["ETag"], dropped_at)

    def is_replaced(self, key: str, tag: str) -> bool:
        try:
            return self._client.head_object(Bucket=self._bucket, Key=key)["ETag"] != tag
        except ClientError as error:
            # why: S3 says 403 of what is gone to those who may not list the bucket
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (403, 404):
                return False
            raise


class S3Export:
    """One object, whole or not at all: a small one by one PUT, a large one in parts."""

    def __init__(self, client: S3Client, bucket: str, key: str, content_type: str) -> None:
        self._client = client
        self._place: dict[str, str] = {"Bucket": bucket, "Key": key}
        self._content_type = content_type
        self._buffer = bytearray()
        self._upload_id = ""
        self._parts: list[dict[str, Any]] = []

    def write(self, text: bytes) -> None:
        self._buffer += text
        if len(self._buffer) >= PART_SIZE:
            self._send_part()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is None:
            self._finish()
        elif self._upload_id:
            self._call("abort_multipart_upload", UploadId=self._upload_id)

    def _send_part(self) -> None:
        if not self._upload_id:
            started = self._call("create_multipart_upload", ContentType=self._content_type)
            self._upload_id = started["UploadId"]
        number = len(self._parts) + 1
        answer = self._call("upload_part", UploadId=self._upload_id, PartNumber=number, Body=bytes(self._buffer))
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self._buffer.clear()

    def _finish(self) -> None:
        if not self._upload_id:
            body = bytes(self._buffer)
            self._call("put_object", Body=body, ContentType=self._content_type)
            return
        if self._buffer:
            self._send_part()
        self._call(
            "complete_multipart_upload",
            UploadId=self._upload_id,
            MultipartUpload={"Parts": self._parts},
        )

    def _call(self, action: str, **arguments: Any) -> Any:
        return getattr(self._client, action)(**self._place, **arguments)
