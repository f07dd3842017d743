"""The sandbox's server stops cleanly, whoever notices first that it is to."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from waitress import create_server

from sandbox import server
from sandbox.settings import Settings

pytestmark = pytest.mark.enable_socket


def test_a_thread_that_stops_by_itself_leaves_open_what_wakes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It looks once a second: then it is at its end when it is told."""
    before = set(threading.enumerate())

    def slow_to_tell(*given: Any, **named: Any) -> Any:
        made = create_server(*given, **named)
        pull = made.pull_trigger

        def after_its_end() -> None:
            (serving,) = [one for one in threading.enumerate() if one not in before and one.name == server.THREAD]
            serving.join(5.0)
            pull()

        monkeypatch.setattr(made, "pull_trigger", after_its_end)
        return made

    monkeypatch.setattr(server, "create_server", slow_to_tell)
    with server.start(Settings(state=tmp_path), supplier="walleo") as running:
        assert running.port
