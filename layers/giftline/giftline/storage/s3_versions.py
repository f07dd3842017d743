"""Files of a bucket with versions, erased with all of them: there a plain deletion only hides the last one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from giftline.errors import GiftlineError

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MAX_DELETES: Final = 1_000
"""S3's, in one request."""


class S3FileVersions:
    """The FileVersions port."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def erase(self, key: str) -> None:
        """GiftlineError where S3 keeps one of them."""
        versions = list(self._versions(key))
        for at in range(0, len(versions), MAX_DELETES):
            wanted: Any = {"Objects": versions[at : at + MAX_DELETES], "Quiet": True}
            answer = self._client.delete_objects(Bucket=self._bucket, Delete=wanted)
            if errors := answer.get("Errors"):
                codes = ", ".join(sorted({error.get("Code", "?") for error in errors}))
                raise GiftlineError(f"{len(errors)} versions of {key} were not deleted: {codes}")

    def _versions(self, key: str) -> Iterator[dict[str, str]]:
        """Of this file alone: others may begin with its name."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=key)
        for page in pages:
            for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
                if one.get("Key") == key:
                    yield {"Key": key, "VersionId": one.get("VersionId", "null")}
