"""S3 in memory: an object appears whole, when its put or its last part is through."""

# ruff: noqa: N803 - the arguments have the names of boto3
from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulation.aws_errors import refusal

LEAST_PART = 5 * 1024 * 1024


@dataclass(slots=True)
class Body:
    """What get_object gives to read from."""

    left: bytes

    def read(self, most: int | None = None) -> bytes:
        taken, self.left = self.left[:most], (b"" if most is None else self.left[most:])
        return taken

    def iter_lines(self) -> Iterator[bytes]:
        return iter(self.read().split(b"\n")[:-1])


class MemoryS3:
    """Objects by bucket and key; uploads that were begun and not completed are no objects."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], bytes] = {}
        self.uploads: dict[str, dict[int, bytes]] = {}
        self.calls: Counter[str] = Counter()

    def put_object(self, *, Bucket: str, Key: str, Body: bytes, ContentType: str = "") -> dict[str, Any]:
        self.calls["put_object"] += 1
        self.objects[Bucket, Key] = bytes(Body)
        return {"ETag": _etag(Body)}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        self.calls["get_object"] += 1
        if (Bucket, Key) not in self.objects:
            raise refusal("NoSuchKey", "GetObject")
        return {"Body": Body(self.objects[Bucket, Key])}

    def delete_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        self.calls["delete_object"] += 1
        self.objects.pop((Bucket, Key), None)
        return {}

    def create_multipart_upload(self, *, Bucket: str, Key: str, ContentType: str = "") -> dict[str, Any]:
        self.calls["create_multipart_upload"] += 1
        upload_id = f"{Bucket}/{Key} {self.calls['create_multipart_upload']}"
        self.uploads[upload_id] = {}
        return {"UploadId": upload_id}

    def upload_part(self, *, Bucket: str, Key: str, UploadId: str, PartNumber: int, Body: bytes) -> dict[str, Any]:
        self.calls["upload_part"] += 1
        self._upload(UploadId)[PartNumber] = bytes(Body)
        return {"ETag": _etag(Body)}

    def complete_multipart_upload(
        self,
        *,
        Bucket: str,
        Key: str,
        UploadId: str,
        MultipartUpload: Mapping[str, Any],
    ) -> dict[str, Any]:
        self.calls["complete_multipart_upload"] += 1
        held = self._upload(UploadId)
        numbers = [part["PartNumber"] for part in MultipartUpload["Parts"]]
        if numbers != sorted(held) or any(_etag(held[p["PartNumber"]]) != p["ETag"] for p in MultipartUpload["Parts"]):
            raise refusal("InvalidPart", "CompleteMultipartUpload")
        if any(len(held[number]) < LEAST_PART for number in numbers[:-1]):
            raise refusal("EntityTooSmall", "CompleteMultipartUpload")
        self.objects[Bucket, Key] = b"".join(held[number] for number in numbers)
        del self.uploads[UploadId]
        return {}

    def abort_multipart_upload(self, *, Bucket: str, Key: str, UploadId: str) -> dict[str, Any]:
        self.calls["abort_multipart_upload"] += 1
        self._upload(UploadId)
        del self.uploads[UploadId]
        return {}

    def _upload(self, upload_id: str) -> dict[int, bytes]:
        if upload_id not in self.uploads:
            raise refusal("NoSuchUpload", "UploadPart")
        return self.uploads[upload_id]


def _etag(body: bytes) -> str:
    return f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
