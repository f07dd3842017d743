"""`make review`: what it needs, what it shows, and what it says when it cannot."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Any, Self

import pytest
import requests

from giftline.accounts.model import OPERATOR_ABILITIES, TENANT_ABILITIES, Access, token_hash
from giftline.secret import Secret
from local import deployment, emulator, review, seed
from local.errors import LocalError, WrongSettings
from local.review import Act, HttpDoor, read_act
from local.review_screen import show_reviews

ASKED = {"ORDER": "O1", "LOT": "1", "ACT": "give_up", "WHY": "they never got it", "WHO": "Ada"}
LOT = {
    "lot": 1,
    "supplier": "wpay",
    "reference": "GL-ORDER000000000000000000001-1-1",
    "supplierOrderId": "WP-7",
    "cards": {"ordered": 25_000, "received": 24_000},
    "withheld": True,
    "value": "5000.00",
    "reason": "[b]24000 sound cards of 25000",
    "slots": {"REVIEW": 2, "COLLECTED": 1},
    "history": [
        {"at": "2026-11-21T05:03:38.000Z", "event": "last sent", "posts": 2, "cards": 3},
        {
            "at": "2026-11-21T06:03:38.000Z",
            "event": "act",
            "act": "try_again",
            "who": "Ada",
            "why": "[red]",
            "found": "late",
        },
    ],
}
REVIEW = {
    "orderId": "ORDER000000000000000000001",
    "tenant": "acme",
    "refno": "rewards",
    "currency": "AUD",
    "ordered": {"cards": 25_000, "amount": "125000.00"},
    "delivered": {"cards": 0, "amount": "0.00"},
    "watchedUntil": "2026-11-28T05:03:38.000Z",
    "lots": [LOT],
}


class FakeResponse:
    def __init__(self, status: int, body: Any) -> None:
        self.status_code, self.ok, self._body = status, status < 400, body

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def json(self) -> Any:
        if self._body is None:
            raise requests.exceptions.JSONDecodeError("no JSON", "", 0)
        return self._body


class FakeSession:
    """Answers everything alike; keeps what was asked."""

    def __init__(self, status: int = 200, body: Any = None) -> None:
        self.headers: dict[str, str] = {}
        self.answer, self.asked = FakeResponse(status, body), list[tuple[str, str, Any]]()

    def request(self, method: str, url: str, *, json: Any, timeout: float) -> FakeResponse:
        self.asked.append((method, url, json))
        return self.answer


class FakeAccounts:
    """The Accounts table's writing side."""

    def __init__(self) -> None:
        self.tenants, self.tokens = set[str](), dict[str, Access]()

    def add_tenant(self, name: str) -> None:
        self.tenants.add(name)

    def add_token(self, hashed: str, access: Access) -> None:
        self.tokens[hashed] = access


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A stack that runs, as far as its files say."""
    (tmp_path / "outputs.json").write_text(json.dumps({"ApiUrl": "http://127.0.0.1/live", "Token": "t"}))
    monkeypatch.setattr(emulator, "running", lambda settings: True)
    return {"STATE_DIR": str(tmp_path)}


def answering(monkeypatch: pytest.MonkeyPatch, status: int, body: Any) -> FakeSession:
    fake = FakeSession(status, body)
    monkeypatch.setattr(review, "session", lambda: fake)
    return fake


# --- what was asked for


def test_without_an_order_it_lists() -> None:
    assert read_act({"WHO": "Ada"}) is None


def test_an_act_is_read_and_who_is_the_login_name_if_nobody_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "bo")
    assert read_act(ASKED) == Act("O1", 1, "give_up", "they never got it", "Ada")
    assert read_act(ASKED | {"WHO": " "}) == Act("O1", 1, "give_up", "they never got it", "bo")


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"ORDER": ""}, "ORDER is missing"),
        ({"LOT": ""}, "LOT is ''"),
        ({"LOT": "one"}, "LOT is 'one'"),
        ({"ACT": "sell"}, "ACT is 'sell': expected one of adopt, give_up, try_again"),
        ({"ACT": ""}, "expected one of adopt, give_up, try_again"),
        ({"WHY": " "}, "WHY is missing"),
    ],
)
def test_what_is_missing_or_wrong_is_named(changed: dict[str, str], words: str) -> None:
    with pytest.raises(WrongSettings, match=words):
        read_act(ASKED | changed)


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(WrongSettings) as refused:
        read_act({"WHY": "because"})
    assert [problem.split()[0] for problem in refused.value.problems] == ["ORDER", "LOT", "ACT"]


# --- what is said


def test_no_stack_is_said_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="No stack is running here: start it with `make up`"):
        review.review({"STATE_DIR": str(tmp_path)})


def test_nothing_in_review_is_said(
    running: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = answering(monkeypatch, 200, {"reviews": []})
    assert review.review(running) == 0
    assert capsys.readouterr().out == "Nothing is in review.\n"
    assert (fake.headers["X-Api-Key"], fake.asked) == ("t", [("GET", "http://127.0.0.1/live/v1/reviews", None)])


def test_an_act_is_sent_and_then_the_sweep_is_run(
    running: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = answering(monkeypatch, 200, {"orderId": "O1", "lot": 1, "state": "FAILED"})
    swept: list[object] = []

    def invoke(settings: object, *event: object) -> dict[str, int]:
        swept.append(event)
        return {"started": 1}

    monkeypatch.setattr(deployment, "invoke", invoke)
    assert review.review(running | ASKED) == 0
    body = {"act": "give_up", "why": "they never got it", "who": "Ada"}
    assert fake.asked == [("POST", "http://127.0.0.1/live/v1/reviews/O1/1", body)]
    assert swept == [("RunScheduleFunction", {"job": "sweep"})]
    assert capsys.readouterr().out == ("Lot 1 of O1 is FAILED: give_up by Ada.\nThe sweep has started 1 execution.\n")


def test_what_the_stack_refuses_is_said_in_its_words(running: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 404, {"code": 5320, "message": "order O1 is not in review: it is COMPLETE"})
    with pytest.raises(LocalError, match="404: order O1 is not in review"):
        review.review(running | ASKED)


def test_an_answer_that_is_none_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, 502, None)
    with pytest.raises(LocalError, match="no readable answer"):
        HttpDoor("http://127.0.0.1/live", "t").reviews()


def test_a_review_is_shown_whole_with_the_history_of_its_lot(capsys: pytest.CaptureFixture[str]) -> None:
    show_reviews([REVIEW])
    shown = capsys.readouterr().out
    for words in (
        "Order ORDER000000000000000000001  (acme, rewards)",
        "0 of 25,000 cards delivered, AUD 0.00 of 125000.00",
        "asked again until 2026-11-28",
        "Lot 1, reference GL-ORDER000000000000000000001-1-1, their order WP-7",
        "24,000 of 25,000",
        "withheld",
        "5000.00",
        "[b]24000 sound cards of",
        "2 REVIEW",
        "2026-11-21T05:03:38.000Z  last sent (posts: 2 for 3 cards)",
        "try_again by Ada: [red] (late)",
        "ACT=adopt|give_up|try_again",
    ):
        assert words in shown


def test_an_order_without_a_lot_in_review_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    show_reviews([REVIEW | {"lots": [], "hint": "act on lot 0", "watchedUntil": None}])
    shown = capsys.readouterr().out
    assert "LOT=0  act on lot 0" in shown
    assert "nobody asks the supplier any more" in shown


# --- tokens


def test_a_tenants_token_has_no_ability_that_crosses_tenants() -> None:
    accounts = FakeAccounts()
    seed.add_tenant(accounts, "acme", "t")  # type: ignore[arg-type]  # the writing side is enough
    assert (accounts.tenants, accounts.tokens) == (
        {"acme"},
        {token_hash(Secret("t")): Access("acme", TENANT_ABILITIES)},
    )


def test_an_operator_has_that_ability_alone_and_is_no_tenant() -> None:
    accounts = FakeAccounts()
    seed.add_operator(accounts, "operator", "t")  # type: ignore[arg-type]  # the writing side is enough
    assert accounts.tenants == set()
    assert accounts.tokens == {token_hash(Secret("t")): Access("operator", OPERATOR_ABILITIES)}
