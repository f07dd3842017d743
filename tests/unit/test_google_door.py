"""The button to Google Wallet: the pass is there before the person is."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from giftline.doors.google import GoogleDoor
from giftline.errors import NotFound
from giftline.passes.google_account import GoogleUnavailable
from giftline.wallet.opening import OpenedPass
from tests.fakes.opened import storecard


@dataclass
class Google:
    down: bool = False
    saved: list[OpenedPass] = field(default_factory=list)

    def save(self, opened: OpenedPass) -> None:
        if self.down:
            raise GoogleUnavailable("Google Wallet did not take the pass: 503 UNAVAILABLE")
        self.saved.append(opened)

    def save_link(self, opened: OpenedPass) -> str:
        assert opened in self.saved
        return f"https://pay.example/{opened.held.id}"


def open_pass(reference: str) -> OpenedPass:
    if reference != "good":
        raise NotFound("this link opens no pass")
    return storecard()


def test_a_good_link_goes_on_to_google() -> None:
    content = GoogleDoor(open_pass, Google()).save("good")
    assert (content.status, content.headers["Location"]) == (302, f"https://pay.example/{storecard().held.id}")
    assert content.headers["Cache-Control"] == "no-store"
    assert content.headers["Referrer-Policy"] == "no-referrer"


def test_a_wrong_link_reaches_nobody() -> None:
    google = Google()
    with pytest.raises(NotFound):
        GoogleDoor(open_pass, google).save("wrong")
    assert google.saved == []


def test_where_google_is_away_the_person_reads_so_and_the_log_says_why(caplog: pytest.LogCaptureFixture) -> None:
    content = GoogleDoor(open_pass, Google(down=True)).save("good")
    assert (content.status, content.headers["Retry-After"]) == (503, "60")
    assert b"Google Wallet does not answer" in content.content
    assert "503 UNAVAILABLE" not in content.content.decode()
    assert "Google Wallet did not take the pass: 503 UNAVAILABLE" in caplog.text
