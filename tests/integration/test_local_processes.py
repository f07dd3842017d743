"""Background processes are stopped only if they are the very ones that we started."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import processes
from local.processes import Daemon

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]
PARENT_OF_A_SLEEPER_PROGRAM = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""
PARENT_OF_A_SLEEPER = [sys.executable, "-c", PARENT_OF_A_SLEEPER_PROGRAM]


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "some.pid"
    yield file
    processes.stop(file)


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that we did not start as a daemon."""
    with subprocess.Popen(SLEEPER) as process:
        yield process
        process.kill()


def start(file: Path, command: list[str] = SLEEPER) -> Daemon:
    log = file.with_suffix(".log")
    pid = processes.start(command, environment=dict(os.environ), folder=file.parent, log=log)
    return processes.record(file, pid, 0)


def test_a_started_process_is_found_again_and_stopped(file: Path) -> None:
    daemon = start(file)

    assert processes.recorded(file) == daemon
    assert processes.stop(file)
    assert not processes.is_running(daemon)
    assert not file.exists()


def test_stopping_takes_along_what_the_process_left_behind(file: Path) -> None:
    start(file, PARENT_OF_A_SLEEPER)
    log = file.with_suffix(".log")
    while not log.read_text().strip():
        time.sleep(0.01)
    child = int(log.read_text())

    processes.stop(file)

    assert ends_soon(child)


def ends_soon(pid: int) -> bool:
    """A killed process needs a moment to be gone."""
    deadline = time.monotonic() + 5
    while processes.started_at(pid) is not None and time.monotonic() < deadline:
        time.sleep(0.01)
    return processes.started_at(pid) is None


def test_stopping_what_does_not_run_does_nothing(file: Path) -> None:
    assert not processes.stop(file)


def test_a_record_of_an_ended_process_is_removed(file: Path) -> None:
    file.write_text(json.dumps({"pid": 2**22 - 1, "started": "long ago", "port": 1}))

    assert processes.recorded(file) is None
    assert not file.exists()


def test_a_process_that_got_the_pid_of_an_ended_one_is_left_alone(
    file: Path, stranger: subprocess.Popen[bytes]
) -> None:
    file.write_text(json.dumps({"pid": stranger.pid, "started": "long ago", "port": 1}))

    assert not processes.stop(file)
    assert stranger.poll() is None


@pytest.mark.parametrize("text", ["", "12", "{}", '{"pid": 1}', "not json"])
def test_a_damaged_record_counts_as_none(file: Path, text: str) -> None:
    file.write_text(text)

    assert processes.recorded(file) is None
