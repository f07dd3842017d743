"""What the demo says while orders are under way, and when it gives up."""

import io
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from rich.console import Console

from local import watch
from local.demo_door import Answer, read_answer
from local.demo_orders import DroppedFile
from local.demo_screen import LiveScreen, PlainScreen, Sight
from local.errors import LocalError
from local.watch import Watcher

OUTPUTS = {"Tenant": "demo", "ResultsBucketName": "results"}
REPORT = "row,column,value,problem,expected\r\n2,amount,1,too little,at least 5\r\n"


def answer(status: str = "PROCESSING", *lots: str, received: int = 0, asked: int = 10) -> Answer:
    return Answer("O1", status, ordered=10, received=received, lots=lots, asked=asked)


@dataclass
class FakeDoor:
    """Answers in turn; the last one for ever."""

    answers: list[Answer | Exception | None]

    def status(self, refno: str) -> Answer | None:
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return found


@dataclass
class FakeS3:
    kept: dict[str, str] = field(default_factory=dict)

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803  # boto3's words
        if Key not in self.kept:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject")
        return {"Body": io.BytesIO(self.kept[Key].encode())}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "EVERY_SECONDS", 0.0)


def watched(*answers: Answer | Exception | None, s3: FakeS3 | None = None) -> Sight:
    watcher = Watcher(FakeDoor(list(answers)), s3 or FakeS3(), OUTPUTS, wait_scale=0.001)  # type: ignore[arg-type]
    (sight,) = watcher.watch([DroppedFile("rewards", "demo-1", b"")])
    return sight


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (answer("PENDING"), "accepted"),
        (answer("PROCESSING", "NEW"), "planned"),
        (answer("PROCESSING", "POSTING", "COLLECTED"), "buying"),
        (answer("PROCESSING", "READY", "PLACED"), "waiting for supplier"),
        (answer("PROCESSING", "READY", "COLLECTED"), "fetching cards"),
        (answer("PROCESSING", "COLLECTED", received=10), "exporting"),
        (answer("PROCESSING", "COLLECTED", "FAILED", received=7), "settling the rest"),
        (answer("PROCESSING", "PARTIAL", "PLACED", received=7, asked=13), "asking next supplier"),
        (answer("PROCESSING", "PARTIAL", "COLLECTED", received=10, asked=13), "exporting"),
        (answer("COMPLETE", "COLLECTED"), "complete"),
        (answer("REVIEW", "REVIEW"), "needs a person"),
    ],
)
def test_a_state_is_said_in_words(found: Answer, words: str) -> None:
    assert found.words == words


def test_the_status_answer_is_read() -> None:
    lots = [{"lot": 1, "state": "READY", "cards": {"ordered": 3, "received": 2}, "reason": "slow"}]
    body = {
        "orderId": "O1",
        "status": "PROCESSING",
        "progress": {"cards": {"ordered": 3, "received": 2}, "lots": lots},
    }

    assert read_answer(body) == Answer("O1", "PROCESSING", 3, 2, ("READY",), ("slow",), asked=3)


@pytest.mark.parametrize("status", ["PENDING", "FAILED"])
def test_a_file_that_is_being_read_or_was_refused_is_no_order_yet(status: str) -> None:
    assert read_answer({"orderId": None, "status": status, "progress": {"file": {"state": "reading"}}}) is None


def test_an_order_is_watched_until_it_is_complete() -> None:
    sight = watched(None, answer("PENDING"), answer("PROCESSING", "PLACED"), answer("COMPLETE", "COLLECTED"))

    assert (sight.words, sight.problems) == ("complete", [])


def test_an_order_that_ends_otherwise_is_a_problem_with_its_reason() -> None:
    ended = Answer("O1", "FAILED", 10, 0, ("FAILED",), ("out of stock",))

    assert watched(ended).problems == ["demo-1 is FAILED, not COMPLETE: out of stock"]


def test_a_rejected_file_shows_its_report() -> None:
    sight = watched(None, s3=FakeS3({"rejected/demo/demo-1.errors.csv": REPORT}))

    assert sight.words == "rejected"
    assert "2,amount,1,too little,at least 5" in sight.problems[0]
    assert "s3://results/rejected/demo/demo-1.errors.csv" in sight.problems[0]


def test_a_moment_without_an_answer_does_no_harm() -> None:
    assert watched(requests.ConnectionError("refused"), answer("COMPLETE")).words == "complete"


def test_a_stack_that_is_gone_is_said() -> None:
    with pytest.raises(LocalError, match="The stack does not answer any more"):
        watched(requests.ConnectionError("refused"))


def test_an_order_that_takes_too_long_is_named_with_its_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LEAST_LIMIT", -1_000.0)

    with pytest.raises(LocalError, match=r"still open:\n  demo-1: waiting for supplier"):
        watched(answer("PROCESSING", "PLACED"))


def test_without_a_terminal_each_change_is_one_line() -> None:
    console = Console(file=io.StringIO(), width=100)
    screen, sight = PlainScreen(console), Sight(DroppedFile("rewards", "demo-1", b""))
    for found in (answer("PENDING"), answer("PENDING"), answer("COMPLETE", received=10)):
        sight.answer = found
        screen.show([sight])

    assert console.file.getvalue().splitlines() == [  # type: ignore[attr-defined]  # it is a StringIO
        "   0.0 s  demo-1  accepted, 0 of 10 cards",
        "   0.0 s  demo-1  complete, 10 of 10 cards",
    ]


def test_a_row_fits_into_eighty_columns() -> None:
    console = Console(file=io.StringIO(), width=80, force_terminal=True, color_system=None)
    sight = Sight(DroppedFile("rewards", "demo-partners-261121-050338", b""), seconds=123.4)
    sight.answer = Answer("O1", "PROCESSING", 25_000, 24_500, ("PLACED",))
    with LiveScreen(console, [sight]) as screen:
        screen.show([sight])

    shown = console.file.getvalue()  # type: ignore[attr-defined]  # it is a StringIO
    assert "demo-partners-261121-050338 waiting for supplier" in shown
    assert "24,500/25,000 123.4 s" in shown
