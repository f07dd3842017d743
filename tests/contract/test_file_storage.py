"""Dropped files and how far they are: the same cases on the fakes, and on S3 and DynamoDB of the embedded AWS."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from giftline.delivery.drops import Drops
from giftline.delivery.file_progress import FileProgress, FileReading, FileState
from giftline.storage.file_progress import KEPT_SECONDS, DynamoFileProgress
from giftline.storage.s3 import S3Drops
from tests.fakes.storage import FakeDrops, FakeFileProgress

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
BUCKET, TABLE = "drops-of-files", "OrdersTable"
both = pytest.mark.parametrize("kind", ["fake", "aws"])


@dataclass
class Bucket:
    drops: Drops
    put: Callable[[str, bytes], object]
    remove: Callable[[str], object]


@pytest.fixture(scope="session")
def drop_bucket(aws: MakeClient) -> str:
    aws("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-southeast-2"})
    return BUCKET


@pytest.fixture
def bucket(kind: str, request: pytest.FixtureRequest) -> Bucket:
    if kind == "fake":
        drops = FakeDrops()
        return Bucket(drops, drops.kept.__setitem__, drops.kept.pop)
    s3 = request.getfixturevalue("aws")("s3")
    name = request.getfixturevalue("drop_bucket")
    return Bucket(
        S3Drops(s3, name),
        lambda key, content: s3.put_object(Bucket=name, Key=key, Body=content),
        lambda key: s3.delete_object(Bucket=name, Key=key),
    )


@pytest.fixture
def progress(kind: str, request: pytest.FixtureRequest) -> FileProgress:
    if kind == "fake":
        return FakeFileProgress()
    aws = request.getfixturevalue("aws")
    return DynamoFileProgress(aws("dynamodb"), request.getfixturevalue("table")(TABLE))


@pytest.fixture
def reading() -> FileReading:
    return FileReading("acme", f"r-{uuid.uuid4().hex}", 9_000, 5_000, 4_500, 2_500, 3, 6_000)


@both
def test_a_drop_is_replaced_by_other_content_alone(bucket: Bucket) -> None:
    key = f"orders/acme/{uuid.uuid4().hex}.csv"
    bucket.put(key, b"one")
    with bucket.drops.open(key) as drop:
        assert (drop.size, b"".join(drop.parts)) == (3, b"one")
    assert drop.dropped_at > 0
    assert not bucket.drops.is_replaced(key, drop.tag)
    bucket.put(key, b"one")
    assert not bucket.drops.is_replaced(key, drop.tag)
    bucket.put(key, b"two")
    assert bucket.drops.is_replaced(key, drop.tag)
    bucket.remove(key)
    assert not bucket.drops.is_replaced(key, drop.tag)


@both
@pytest.mark.parametrize("more", [{}, {"state": FileState.ACCEPTED, "order_id": "O"}, {"state": FileState.REFUSED}])
def test_a_reading_comes_back_as_it_was_written(
    progress: FileProgress, reading: FileReading, more: dict[str, Any]
) -> None:
    assert progress.find(reading.tenant, reading.refno) is None
    progress.save(replace(reading, **more))
    assert progress.find(reading.tenant, reading.refno) == replace(reading, **more)
    assert progress.find("other", reading.refno) is None


@both
def test_the_last_word_on_a_drop_counts_and_none_on_one_before_it(progress: FileProgress, reading: FileReading) -> None:
    progress.save(reading)
    told = replace(reading, rows=5_000)
    progress.save(told)
    assert progress.find(reading.tenant, reading.refno) == told
    later = replace(reading, dropped_at=7_000, rows=10)
    progress.save(later)
    progress.save(replace(reading, rows=7_500, state=FileState.REFUSED))
    assert progress.find(reading.tenant, reading.refno) == later


@both
def test_a_drop_that_has_ended_is_not_read_again_for_those_who_ask(
    progress: FileProgress, reading: FileReading
) -> None:
    ended = replace(reading, state=FileState.ACCEPTED, order_id="O")
    progress.save(ended)
    progress.save(replace(reading, at=9_000))
    assert progress.find(reading.tenant, reading.refno) == ended
    again = replace(ended, state=FileState.REFUSED, order_id="", at=9_000)
    progress.save(again)
    assert progress.find(reading.tenant, reading.refno) == again
    progress.save(later := replace(reading, dropped_at=7_000))
    assert progress.find(reading.tenant, reading.refno) == later


def test_what_is_kept_of_a_file_has_an_end(
    aws: MakeClient, table: Callable[[str], str], resources: dict[str, Any], reading: FileReading
) -> None:
    DynamoFileProgress(aws("dynamodb"), table(TABLE)).save(reading)
    key = {"pk": {"S": f"FILE#acme#{reading.refno}"}, "sk": {"S": "FILE"}}
    item = aws("dynamodb").get_item(TableName=TABLE, Key=key)["Item"]
    assert int(item["ttl"]["N"]) == reading.at // 1000 + KEPT_SECONDS
