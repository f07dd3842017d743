"""Background processes that outlive the command that started them, and that only we may stop.

A record says which process we started. A pid alone would not do: after a restart of the machine another program may
have it, so the record also holds when the process started, and nothing is signalled unless that still fits.
"""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

STOP_SECONDS = 30.0
GRACE_SECONDS = 3.0
"""For a process to end by itself, and to let its workers end."""


@dataclass(frozen=True, slots=True)
class Daemon:
    """A process that we started, and that leads a group of its own."""

    pid: int
    started: str
    port: int


def start(command: Sequence[str | Path], *, environment: Mapping[str, str], folder: Path, log: Path) -> int:
    """Start a background process and return its pid."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    process.returncode = 0  # it is to live on: no warning about that when this object goes
    return process.pid


def record(file: Path, pid: int, port: int) -> Daemon:
    """Remember a process that we started."""
    daemon = Daemon(pid, started_at(pid) or "", port)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(daemon)))
    return daemon


def recorded(file: Path) -> Daemon | None:
    """The recorded process if it still runs; a record of one that does not is removed."""
    try:
        daemon = Daemon(**json.loads(file.read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        daemon = None
    if daemon and is_running(daemon):
        return daemon
    file.unlink(missing_ok=True)
    return None


def is_running(daemon: Daemon) -> bool:
    """Whether it is this very process that runs under the pid."""
    return bool(daemon.started) and started_at(daemon.pid) == daemon.started


def started_at(pid: int) -> str | None:
    """When a process started, in the words of this system; None if it has ended."""
    if pid <= 0:
        return None
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)  # one that we started in this very run would stay as a zombie
    stat = Path(f"/proc/{pid}/stat")
    if Path("/proc/self/stat").exists():
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return None
        return None if fields[0] in {"Z", "X"} else f"{boot_id()} {fields[19]}"
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],  # noqa: S607  # where ps lies differs between systems
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "LC_ALL": "C"},
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return started.strip() if started and not state.startswith("Z") else None


def boot_id() -> str:
    """Which start of the machine this is: times of processes count from there."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""


def ended_within(daemon: Daemon, seconds: float) -> bool:
    """Wait for its end, so long at the most."""
    deadline = time.monotonic() + seconds
    while is_running(daemon) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(daemon)


def kill_workers(daemon: Daemon) -> None:
    """The other processes of its group, which is ours alone, by start_new_session."""
    everybody = subprocess.run(
        ["ps", "-A", "-o", "pid=,pgid="],  # noqa: S607  # where ps lies differs between systems
        capture_output=True,
        text=True,
        check=False,
    )
    for line in everybody.stdout.splitlines():
        pid, group = map(int, line.split())
        if group == daemon.pid != pid:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)


def stop(file: Path, *, seconds: float = STOP_SECONDS) -> bool:
    """End the recorded process and whatever it left behind; False if it did not run."""
    daemon = recorded(file)
    if not daemon:
        return False
    os.kill(daemon.pid, signal.SIGTERM)
    if not ended_within(daemon, GRACE_SECONDS):
        # It may wait for workers that call a server which is gone; they may be stopped at any moment.
        kill_workers(daemon)
        ended_within(daemon, seconds - GRACE_SECONDS)
    # The group is ours alone, by start_new_session; a worker in the middle of its handler may still be in it.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(daemon.pid, signal.SIGKILL)
    while is_running(daemon):
        time.sleep(0.05)
    file.unlink(missing_ok=True)
    return True
