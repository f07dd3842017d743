"""A whole Giftline on this machine for tests: started as a person starts it, and always stopped again."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local import deployment, outputs
from local.settings import ROOT, SHARED_STATE, Settings, read_settings
from tests.stack_support.door import Door
from tests.stack_support.supplier import SandboxView

COMMAND_SECONDS = 180
SETTINGS = ("GIFTLINE_", "WPAY_", "WALLEO_", "SANDBOX_", "WAIT_SCALE", "STATE_DIR")


@dataclass(frozen=True, slots=True)
class Stack:
    """One stack: `environ` is what `python -m local` was told, `outputs` what it answered."""

    environ: Mapping[str, str]
    settings: Settings
    outputs: Mapping[str, str]

    @property
    def door(self) -> Door:
        return Door(self.outputs["ApiUrl"], self.outputs["Token"])

    @property
    def supplier(self) -> SandboxView:
        port = (self.settings.state / "sandbox.port").read_text().strip()
        return SandboxView(f"http://127.0.0.1:{port}")

    @property
    def orders_table(self) -> str:
        return self.outputs["OrdersTableName"]

    def client(self, service: str) -> Any:
        return deployment.client(self.settings, service)

    def physical_id(self, logical_id: str) -> str:
        return deployment.physical_id(self.settings, logical_id)

    def invoke(self, function: str, event: dict[str, Any]) -> dict[str, Any]:
        """A function by its logical id, past whatever usually calls it; StepFailed where it fails."""
        answer: dict[str, Any] = deployment.invoke(self.settings, function, event)
        return answer

    def drop(self, refno: str, content: bytes, tenant: str = "demo") -> None:
        """Drop a file where the tenant's orders go."""
        key = f"orders/{tenant}/{refno}.csv"
        self.client("s3").put_object(Bucket=self.outputs["DropBucketName"], Key=key, Body=content)

    def report(self, refno: str, tenant: str = "demo") -> str | None:
        """The error report of a dropped file; None where there is none."""
        return self.result(f"rejected/{tenant}/{refno}.errors.csv")

    def result(self, key: str) -> str | None:
        s3 = self.client("s3")
        try:
            answer = s3.get_object(Bucket=self.outputs["ResultsBucketName"], Key=key)
        except s3.exceptions.NoSuchKey:
            return None
        text: bytes = answer["Body"].read()
        return text.decode("utf-8-sig")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start_stack(state: Path, **environ: str) -> Stack:
    """`make up` in a folder of its own; again after `stop_stack` it finds its data."""
    given = {"WAIT_SCALE": "0.001", "STATE_DIR": str(state), **environ}
    finished = run_local("up", given)
    assert finished.returncode == 0, f"the stack did not start\n{finished.stdout}\n{finished.stderr}"
    settings = read_settings(given)
    return Stack(given, settings, outputs.read_outputs_file(settings) or {})


def stop_stack(stack: Stack) -> None:
    finished = run_local("down", stack.environ)
    assert finished.returncode == 0, f"the stack did not stop\n{finished.stdout}\n{finished.stderr}"


@contextmanager
def running_stack(state: Path, **environ: str) -> Iterator[Stack]:
    """A stack on a free port, stopped at the end whatever happens."""
    environ = {"GIFTLINE_PORT": str(free_port()), **environ}
    with shared_outputs_kept():
        try:
            yield start_stack(state, **environ)
        finally:
            run_local("down", {"STATE_DIR": str(state), **environ})


@contextmanager
def shared_outputs_kept() -> Iterator[None]:
    """`.local/outputs.json` of whoever runs the tests is theirs: a test's stack would name itself there."""
    files = [SHARED_STATE / "outputs.json", SHARED_STATE / "outputs.owner"]
    before = {file: file.read_bytes() for file in files if file.exists()}
    try:
        yield
    finally:
        for file in files:
            if file in before:
                file.write_bytes(before[file])
            else:
                file.unlink(missing_ok=True)


def run_local(command: str, environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """`python -m local …` without the settings of whoever runs the tests."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(SETTINGS)}
    return subprocess.run(
        [sys.executable, "-m", "local", command],
        cwd=ROOT,
        env=inherited | dict(environ),
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
