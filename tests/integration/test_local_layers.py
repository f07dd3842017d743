"""The layers, built for this machine."""

import os
import subprocess
from pathlib import Path

from local.settings import ROOT

BUILD = [ROOT / ".venv" / "uv" / "bin" / "python", ROOT / "layers" / "build.py"]
UNCHECKED_HASH = 1


def build(layer: str, output: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "GIFTLINE_TARGET": "local", **environ}
    return subprocess.run([*BUILD, layer, output], env=environment, capture_output=True, text=True, check=False)


def test_our_own_layer_brings_pyc_files_that_are_trusted_unseen(tmp_path: Path) -> None:
    assert build("giftline", tmp_path).returncode == 0

    compiled = sorted(tmp_path.rglob("*.pyc"))
    assert len(compiled) == len(list(tmp_path.rglob("*.py")))
    for file in compiled:
        # PEP 552: the second word of a .pyc; 1 is a hash that is not checked.
        assert int.from_bytes(file.read_bytes()[4:8], "little") == UNCHECKED_HASH


def test_the_dependencies_can_be_imported_from_the_layer_alone(tmp_path: Path) -> None:
    assert build("dependencies", tmp_path).returncode == 0

    program = "import aws_lambda_powertools, boto3, cryptography.fernet, pydantic; boto3.client('dynamodb')"
    python = ROOT / ".venv" / "emulator" / "bin" / "python"
    finished = subprocess.run(
        [python, "-S", "-c", program],
        env={"PYTHONPATH": str(tmp_path / "python"), "AWS_DEFAULT_REGION": "us-east-1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert finished.stderr == ""


def test_an_unknown_target_is_refused(tmp_path: Path) -> None:
    finished = build("giftline", tmp_path, GIFTLINE_TARGET="moon")

    assert finished.returncode == 1
    assert "expected 'lambda' or 'local'" in finished.stderr


def test_a_python_that_cannot_compile_for_lambda_is_refused(tmp_path: Path) -> None:
    not_python = tmp_path / "python3.13"
    not_python.write_text("#!/bin/sh\nexit 127\n")
    not_python.chmod(0o755)

    finished = build("giftline", tmp_path, GIFTLINE_TARGET="lambda", GIFTLINE_LAMBDA_PYTHON=str(not_python))

    assert finished.returncode == 1
    assert "not a working CPython 3.13" in finished.stderr
