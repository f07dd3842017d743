"""Starting and stopping the embedded AWS: ports, folders, and what is kept."""

import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local import deployment, emulator, outputs, processes, stack, suppliers
from local.errors import LocalError, StepFailed
from local.settings import ROOT, Settings, read_settings


@pytest.fixture
def new_stack(tmp_path: Path) -> Iterator[Callable[[str], Settings]]:
    """Settings of a stack on a free port, stopped at the end."""
    made: list[Settings] = []

    def make(name: str) -> Settings:
        settings = read_settings({"GIFTLINE_PORT": str(free_port()), "STATE_DIR": str(tmp_path / name)})
        made.append(settings)
        return settings

    yield make
    for settings in made:
        stack.down(settings)


@pytest.fixture
def shared_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stands in for .local, which belongs to the person."""
    folder = tmp_path / "shared"
    folder.mkdir()
    monkeypatch.setattr(outputs, "SHARED_STATE", folder)
    return folder


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command(name: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "local", name],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **environ},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_wrong_settings_are_said_and_nothing_starts(tmp_path: Path) -> None:
    finished = command("up", STATE_DIR=str(tmp_path / "state"), WAIT_SCALE="9")

    assert finished.returncode == 2
    assert "WAIT_SCALE is '9'" in finished.stderr
    assert not (tmp_path / "state").exists()


def test_a_port_in_use_is_said_and_nothing_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        finished = command("up", STATE_DIR=str(tmp_path), GIFTLINE_PORT=str(port))

    assert finished.returncode == 1
    assert f"Port {port} is already in use by another program" in finished.stderr
    assert not list(tmp_path.glob("*.pid"))


def test_down_with_nothing_running_is_fine(tmp_path: Path) -> None:
    finished = command("down", STATE_DIR=str(tmp_path), GIFTLINE_PORT=str(free_port()))

    assert finished.returncode == 0
    assert "Nothing was running" in finished.stdout


def test_two_stacks_run_side_by_side_and_stop_one_by_one(new_stack: Callable[[str], Settings]) -> None:
    one, two = new_stack("one"), new_stack("two")
    emulator.start(one)
    emulator.start(two)

    deployment.client(one, "s3").create_bucket(Bucket="only-in-one")
    stopped = stack.down(two)

    assert stopped == ["the embedded AWS"]
    assert emulator.answers(one)
    assert not emulator.answers(two)


def test_a_restart_finds_its_data_again(new_stack: Callable[[str], Settings]) -> None:
    settings = new_stack("kept")
    emulator.start(settings)
    key = deployment.client(settings, "kms").create_key()["KeyMetadata"]["KeyId"]
    sealed = deployment.client(settings, "kms").encrypt(KeyId=key, Plaintext=b"kept")["CiphertextBlob"]
    deployment.client(settings, "s3").create_bucket(Bucket="kept")
    deployment.client(settings, "s3").put_object(Bucket="kept", Key="file", Body=b"kept")

    stack.down(settings)
    emulator.start(settings)

    assert deployment.client(settings, "kms").decrypt(CiphertextBlob=sealed)["Plaintext"] == b"kept"
    assert deployment.client(settings, "s3").get_object(Bucket="kept", Key="file")["Body"].read() == b"kept"


def test_the_embedded_aws_answers_on_loopback_only(new_stack: Callable[[str], Settings]) -> None:
    settings = new_stack("loopback")

    assert emulator.environment(settings)["BIND_HOST"] == "127.0.0.1"
    assert "AWS_ENDPOINT_URL" not in emulator.environment(settings)


def test_a_start_that_fails_says_where_and_leaves_nothing_running(
    new_stack: Callable[[str], Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = new_stack("failing")

    def fail(of: Settings) -> None:
        log = of.log_folder / "sam-build.log"
        log.write_text("the last words of sam\n")
        raise StepFailed("`sam build` failed.", log)

    monkeypatch.setattr(deployment, "build", fail)
    settings.log_folder.mkdir(parents=True)

    with pytest.raises(StepFailed, match=r"(?s)`sam build` failed.*the last words of sam"):
        stack.up(settings)

    assert emulator.running(settings) is None
    assert suppliers.running(settings) is None
    assert not emulator.answers(settings)


def test_the_folder_of_a_stack_on_another_port_is_refused(new_stack: Callable[[str], Settings]) -> None:
    settings = new_stack("same")
    emulator.start(settings)
    elsewhere = read_settings({"GIFTLINE_PORT": str(free_port()), "STATE_DIR": str(settings.state)})

    with pytest.raises(LocalError, match=f"runs on port {settings.port}"):
        stack.up(elsewhere)

    assert emulator.answers(settings)


def test_one_command_at_a_time_may_change_a_stack(new_stack: Callable[[str], Settings]) -> None:
    settings = new_stack("busy")

    with stack.alone(settings), pytest.raises(LocalError, match="Another command"):
        stack.down(settings)


def test_the_sandbox_comes_back_on_its_port(new_stack: Callable[[str], Settings]) -> None:
    settings = new_stack("sandbox")
    before = suppliers.start(settings)
    stack.down(settings)

    assert suppliers.start(settings).port == before.port


def test_outputs_are_for_their_owner_alone(new_stack: Callable[[str], Settings], shared_folder: Path) -> None:
    settings = new_stack("outputs")

    outputs.write_outputs(settings, {"Token": "t"})

    for file in (settings.outputs_file, shared_folder / "outputs.json"):
        assert json.loads(file.read_text()) == {"Token": "t"}
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_shared_outputs_stay_with_a_stack_that_lives(
    new_stack: Callable[[str], Settings], shared_folder: Path
) -> None:
    first, second = new_stack("first"), new_stack("second")
    outputs.write_outputs(first, {"of": "first"})
    processes.record(emulator.pid_file(first), start_sleeper(first), first.port)

    outputs.write_outputs(second, {"of": "second"})
    assert json.loads((shared_folder / "outputs.json").read_text()) == {"of": "first"}

    stack.down(first)
    outputs.write_outputs(second, {"of": "second"})
    assert json.loads((shared_folder / "outputs.json").read_text()) == {"of": "second"}


def start_sleeper(settings: Settings) -> int:
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    log = settings.log_folder / "sleeper.log"
    return processes.start(sleeper, environment=dict(os.environ), folder=settings.state, log=log)


def test_the_api_is_reached_by_a_path_on_this_machine() -> None:
    settings = read_settings({"GIFTLINE_PORT": "4600"})

    url = deployment.local_api_url(settings, "https://a1b2.execute-api.us-east-1.amazonaws.com/live")

    assert url == "http://127.0.0.1:4600/_aws/execute-api/a1b2/live"
