"""Real sockets are wanted here; and the embedded AWS, once for all tests that ask for it."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config

ROOT = Path(__file__).parents[2]
EMULATOR = ROOT / ".venv" / "emulator" / "bin" / "python"
REGION = "ap-southeast-2"
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE")
START_SECONDS = 60.0

MakeClient = Callable[[str], Any]


@pytest.fixture(scope="session")
def aws() -> Iterator[MakeClient]:
    """Clients of an emulator of our own, on a free port, that keeps nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ} | {
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "MINISTACK_REGION": REGION,
            "PERSIST_STATE": "0",
            "S3_PERSIST": "0",
            "STATE_DIR": f"{folder}/state",
            "S3_DATA_DIR": f"{folder}/s3",
            "TMPDIR": folder,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "LAMBDA_EXECUTOR": "local",
            "DOCKER_HOST": "unix:///nonexistent",
            "NO_PROXY": "127.0.0.1,localhost",
        }
        with Path(folder, "emulator.log").open("wb") as log:
            process = subprocess.Popen(
                [EMULATOR, "-m", "ministack"], env=environment, cwd=folder, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            _wait_for(process, port, Path(folder, "emulator.log"))
            yield lambda service: _client(service, port)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _wait_for(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/_ministack/health"):
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)
    raise AssertionError(f"the emulator did not start:\n{log.read_text(errors='replace')[-2_000:]}")


def _client(service: str, port: int) -> Any:
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(
            retries={"total_max_attempts": 1},
            connect_timeout=3,
            read_timeout=20,
            signature_version="s3v4" if service == "s3" else None,
        ),
    )


class _Template(yaml.SafeLoader):
    """CloudFormation's own tags are read as plain values."""


def _plain(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node)
    return loader.construct_mapping(node) if isinstance(node, yaml.MappingNode) else None


_Template.add_multi_constructor("!", _plain)


@pytest.fixture(scope="session")
def resources() -> dict[str, Any]:
    """The template's resources by logical id."""
    with (ROOT / "template.yaml").open(encoding="utf-8") as file:
        template = yaml.load(file, _Template)  # noqa: S506 - a SafeLoader
    found: dict[str, Any] = template["Resources"]
    return found


@pytest.fixture(scope="session")
def table(aws: MakeClient, resources: dict[str, Any]) -> Callable[[str], str]:
    """A table by its logical id, with keys and indexes as the template has them; made once."""
    made: set[str] = set()

    def make(logical_id: str) -> str:
        if logical_id not in made:
            wanted = ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")
            properties = resources[logical_id]["Properties"]
            shape = {name: properties[name] for name in wanted if name in properties}
            aws("dynamodb").create_table(TableName=logical_id, **shape)
            made.add(logical_id)
        return logical_id

    return make
