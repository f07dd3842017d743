"""Rows and messages of bulk requests: the same cases on the fake, and on S3 and SQS of the embedded AWS."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from giftline.errors import NotFound
from giftline.storage.chunk_messages import SqsChunkMessages
from giftline.storage.rows import S3Rows
from giftline.wallet.batch import Row
from giftline.wallet.ports import RowFiles
from tests.fakes.wallet import FakeRowFiles

pytestmark = pytest.mark.enable_socket

MakeClient = Callable[[str], Any]
both = pytest.mark.parametrize("kind", ["fake", "aws"])


@pytest.fixture(scope="session")
def bucket(aws: MakeClient) -> str:
    where = {"LocationConstraint": "ap-southeast-2"}
    aws("s3").create_bucket(Bucket="wallet-results", CreateBucketConfiguration=where)
    return "wallet-results"


@pytest.fixture
def files(kind: str, request: pytest.FixtureRequest) -> RowFiles:
    if kind == "fake":
        return FakeRowFiles()
    return S3Rows(request.getfixturevalue("aws")("s3"), request.getfixturevalue("bucket"))


@pytest.fixture
def tenant() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


@both
def test_rows_come_back_from_any_offset_with_the_offset_after_each(files: RowFiles, tenant: str) -> None:
    values = {"points": -3, "title": 'Ä "quote"\n\u2028 \U0001f600', "list": ["a", "b"]}
    rows = [Row(n, f"m{n}\u0085", values, missing=n % 3 == 0) for n in range(20)]
    offsets = files.save(f"batches/{tenant}", rows)
    assert (len(offsets), offsets[0]) == (21, 0)
    read = files.read(f"batches/{tenant}", 0, offsets[-1], 100)
    assert read == list(zip(rows, offsets[1:], strict=True))
    assert files.read(f"batches/{tenant}", offsets[4], offsets[9], 100) == read[4:9]
    assert files.read(f"batches/{tenant}", offsets[4], offsets[9], 2) == read[4:6]
    assert files.read(f"batches/{tenant}", offsets[20], offsets[20], 2) == []
    assert files.read(f"batches/{tenant}", 0, offsets[20], 0) == []


@both
def test_rows_that_are_longer_than_a_window_come_whole(files: RowFiles, tenant: str) -> None:
    rows = [Row(n, f"m{n}", {"title": "ä" * size}) for n, size in enumerate((10, 150_000, 43_000, 5, 43_687, 43_690))]
    offsets = files.save(f"batches/{tenant}", rows)
    assert [row for row, _ in files.read(f"batches/{tenant}", 0, offsets[-1], 10)] == rows
    assert files.read(f"batches/{tenant}", offsets[1], offsets[-1], 1) == [(rows[1], offsets[2])]


@both
def test_no_rows_are_a_file_too(files: RowFiles, tenant: str) -> None:
    assert files.save(f"batches/{tenant}", []) == [0]


@both
def test_an_answer_comes_back_as_it_was_given(files: RowFiles, tenant: str) -> None:
    files.save_answer(f"batches/{tenant}/answer.json", '{"queued": ["Jäne"]}')
    assert files.answer(f"batches/{tenant}/answer.json") == '{"queued": ["Jäne"]}'


def test_rows_as_others_write_them_in_utf_8_are_read(aws: MakeClient, bucket: str) -> None:
    text = '[0,"mä",{}]\n[1,"\u2028😀",{"a":"é"},1]\n'.encode()
    aws("s3").put_object(Bucket=bucket, Key="utf8", Body=text)
    read = S3Rows(aws("s3"), bucket).read("utf8", 0, len(text), 9)
    assert [row for row, _ in read] == [Row(0, "mä"), Row(1, "\u2028😀", {"a": "é"}, missing=True)]
    assert read[-1][1] == len(text)


def test_a_file_that_is_shorter_than_it_should_be_is_no_endless_loop(aws: MakeClient, bucket: str) -> None:
    aws("s3").put_object(Bucket=bucket, Key="short", Body=b'[0,"m",{}]\n[1,"m')
    with pytest.raises(Exception, match=r"InvalidRange|ends before"):
        S3Rows(aws("s3"), bucket).read("short", 0, 400, 9)


def test_an_answer_that_was_not_saved_is_not_found(aws: MakeClient, bucket: str) -> None:
    with pytest.raises(NotFound):
        S3Rows(aws("s3"), bucket).answer("nothing")


def test_a_message_is_a_place_and_nothing_else(aws: MakeClient, tenant: str) -> None:
    url = aws("sqs").create_queue(QueueName=f"q-{tenant}")["QueueUrl"]
    SqsChunkMessages(aws("sqs"), url).send("B", [*range(23), 4])
    bodies: list[dict[str, Any]] = []
    while found := aws("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        bodies += [json.loads(message["Body"]) for message in found]
    assert sorted(bodies, key=lambda body: body["chunk"]) == [{"batch": "B", "chunk": n} for n in range(23)]


class HalfDeafQueue:
    def __init__(self) -> None:
        self.asked = 0

    def send_message_batch(self, *, Entries: list[dict[str, str]], QueueUrl: str) -> dict[str, Any]:  # noqa: N803
        self.asked += 1
        return {"Failed": [{"Id": Entries[0]["Id"], "Code": "InternalError", "SenderFault": False}]}


def test_messages_that_did_not_get_in_are_named_and_the_others_sent() -> None:
    queue = HalfDeafQueue()
    with pytest.raises(ConnectionError, match=r"0 \(InternalError\), 10 \(InternalError\)"):
        SqsChunkMessages(queue, "url").send("B", range(12))  # type: ignore[arg-type]
    assert queue.asked == 2
