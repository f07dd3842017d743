"""`make webhooks`: what it needs, what it asks for, and what it shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from local import emulator, webhooks
from local.errors import LocalError, WrongSettings
from local.webhooks import Asked, HttpDoor, act, read_asked, resend_failed
from local.webhooks_screen import show_event, show_events
from tests.unit.local.test_review import FakeSession

EVENT: dict[str, Any] = {
    "id": "evt_0197743e23400123456789abcdef",
    "state": "failed",
    "subject": "B1",
    "url": "https://shop.example/[b]hooks",
    "createdAt": "2026-11-21T05:03:38.000Z",
    "tries": 10,
    "lastStatus": None,
    "lastProblem": "the connection was refused",
    "nextTryAt": None,
}
ATTEMPT = {
    "number": 1,
    "run": 0,
    "at": "2026-11-21T05:03:38.000Z",
    "status": None,
    "problem": "[red]",
    "milliseconds": 7,
}
TIMES = {"FROM": "2026-11-21T00:00:00Z", "TO": "2026-11-22T00:00:00Z"}


class FakeDoor:
    """Answers as the API does; keeps what was asked."""

    def __init__(self, parts: int = 1) -> None:
        self.parts, self.asked = parts, list[Any]()

    def events(self) -> list[dict[str, Any]]:
        return [EVENT]

    def event(self, event_id: str) -> dict[str, Any]:
        return {**EVENT, "body": '{"status": "failed"}', "attempts": [ATTEMPT]}

    def resend(self, event_id: str) -> dict[str, Any]:
        self.asked.append(event_id)
        return {**EVENT, "state": "pending"}

    def resend_failed(self, start: str, end: str, after: str | None) -> dict[str, Any]:
        self.asked.append(after)
        return {"resent": 25, "next": f"evt_{len(self.asked)}" if len(self.asked) < self.parts else None}

    def rotate(self) -> dict[str, Any]:
        return {"secret": "whsec_new", "previousSignsUntil": "2026-11-22T05:03:38.000Z"}


@pytest.mark.parametrize(
    ("environ", "asked"),
    [
        ({}, Asked()),
        ({"EVENT": "evt_1"}, Asked(event="evt_1")),
        ({"EVENT": "evt_1", "ACT": "resend"}, Asked("resend", "evt_1")),
        ({"ACT": "resend_failed", **TIMES}, Asked("resend_failed", "", TIMES["FROM"], TIMES["TO"])),
        ({"ROTATE": "1"}, Asked(rotate=True)),
    ],
)
def test_what_was_asked_for_is_read(environ: dict[str, str], asked: Asked) -> None:
    assert read_asked(environ) == asked


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"ACT": "send"}, "expected resend or resend_failed"),
        ({"ACT": "resend"}, "EVENT is missing"),
        ({"ACT": "resend_failed", "TO": "x"}, "FROM is missing"),
        ({"ACT": "resend_failed", "EVENT": "evt_1", **TIMES}, "EVENT stands beside ACT=resend_failed"),
        (TIMES, "FROM and TO go with ACT=resend_failed"),
        ({"ACT": "resend_failed", "FROM": "x"}, "TO is missing"),
        ({"ROTATE": "yes"}, "ROTATE is 'yes'"),
        ({"ROTATE": "1", "EVENT": "evt_1"}, "ROTATE goes alone"),
    ],
)
def test_what_is_missing_or_wrong_is_named(environ: dict[str, str], words: str) -> None:
    with pytest.raises(WrongSettings, match=words):
        read_asked(environ)


def test_events_are_listed_whole(capsys: pytest.CaptureFixture[str]) -> None:
    show_events([EVENT])
    shown = capsys.readouterr().out
    assert EVENT["id"] in shown
    assert "https://shop.example/[b]hooks" in "".join(shown.split())
    show_events([])
    assert "No webhook was ever due" in capsys.readouterr().out


def test_one_event_is_shown_with_its_attempts(capsys: pytest.CaptureFixture[str]) -> None:
    show_event(FakeDoor().event("evt_1"))
    shown = capsys.readouterr().out
    assert "the connection was refused" in shown
    assert "[red]" in shown


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (Asked(), "evt_0197743e23400123456789abcdef"),
        (Asked(event="evt_1"), "[red]"),
        (Asked("resend", "evt_1"), "is sent again"),
        (Asked("resend_failed", "", "a", "b"), "25 failed events sent again"),
        (Asked(rotate=True), "The new secret: whsec_new"),
    ],
)
def test_each_act_says_what_came_of_it(asked: Asked, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    act(FakeDoor(), asked)
    assert words in capsys.readouterr().out


def test_all_parts_of_a_range_are_resent(capsys: pytest.CaptureFixture[str]) -> None:
    door = FakeDoor(parts=3)
    resend_failed(door, Asked("resend_failed", "", "a", "b"))
    assert door.asked == [None, "evt_1", "evt_2"]
    assert "75 failed events" in capsys.readouterr().out


def test_the_door_is_asked_over_http(monkeypatch: pytest.MonkeyPatch) -> None:
    fake = FakeSession(200, {"events": [EVENT]})
    monkeypatch.setattr(webhooks, "session", lambda: fake)
    door = HttpDoor("http://127.0.0.1/live", "t")
    assert door.events() == [EVENT]
    door.event("e")
    door.resend("e")
    door.resend_failed("a", "b", "c")
    door.rotate()
    base = "http://127.0.0.1/live/v1/webhooks"
    assert fake.asked == [
        ("GET", base, None),
        ("GET", f"{base}/e", None),
        ("POST", f"{base}/e/resend", None),
        ("POST", f"{base}/resend", {"from": "a", "to": "b", "next": "c"}),
        ("POST", f"{base}/secret/rotate", None),
    ]
    assert fake.headers["X-Api-Key"] == "t"


def test_a_refusal_is_told_with_each_wrong_field(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"message": "1 field is wrong", "messages": [{"field": "to", "problem": "no time", "expected": "a time"}]}
    monkeypatch.setattr(webhooks, "session", lambda: FakeSession(400, wrong))
    with pytest.raises(LocalError, match="400: 1 field is wrong\n  to: no time; expected a time"):
        HttpDoor("http://127.0.0.1", "t").events()


def test_a_field_that_the_message_names_is_not_told_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "to: no time; expected a time"
    wrong = {"message": told, "messages": [{"field": "to", "problem": "no time", "expected": "a time"}]}
    monkeypatch.setattr(webhooks, "session", lambda: FakeSession(400, wrong))
    with pytest.raises(LocalError, match=f"^400: {told}$"):
        HttpDoor("http://127.0.0.1", "t").events()


def test_an_unreadable_answer_is_said_to_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "session", lambda: FakeSession(502, None))
    with pytest.raises(LocalError, match="no readable answer"):
        HttpDoor("http://127.0.0.1", "t").rotate()


def test_without_a_stack_it_says_how_to_start_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "running", lambda settings: False)
    with pytest.raises(LocalError, match="make up"):
        webhooks.webhooks({"STATE_DIR": str(tmp_path)})


def test_with_a_stack_it_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outputs.json").write_text(json.dumps({"ApiUrl": "http://127.0.0.1/live", "Token": "t"}))
    monkeypatch.setattr(emulator, "running", lambda settings: True)
    monkeypatch.setattr(webhooks, "session", lambda: FakeSession(200, {"events": [EVENT]}))
    assert webhooks.webhooks({"STATE_DIR": str(tmp_path)}) == 0
    assert EVENT["id"] in capsys.readouterr().out
