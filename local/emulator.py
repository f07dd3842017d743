"""The embedded AWS: one process on 127.0.0.1 that keeps its state under the stack's folder."""

import http.client
import os
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

from local import processes
from local.errors import LocalError, StepFailed
from local.processes import Daemon
from local.settings import ROOT, Settings

PYTHON = ROOT / ".venv" / "emulator" / "bin" / "python"
COMMAND = (PYTHON, "-P", ROOT / "local" / "emulator_process.py")
START_SECONDS = 60.0

# The rest of the person's environment stays out: AWS profiles, proxies and endpoints would reach the functions.
INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "SSL_CERT_FILE")


def start(settings: Settings) -> Daemon:
    """Start the embedded AWS, with what it saved the last time."""
    scratch = settings.state / "emulator" / "tmp"
    remove_beside(scratch)
    scratch.mkdir(parents=True)
    log = settings.log_folder / "emulator.log"
    pid = processes.start(COMMAND, environment=environment(settings), folder=scratch, log=log)
    daemon = processes.record(pid_file(settings), pid, settings.port)
    deadline = time.monotonic() + START_SECONDS
    while not answers(settings):
        if not processes.is_running(daemon):
            raise StepFailed("The embedded AWS ended while it started.", log)
        if time.monotonic() > deadline:
            raise StepFailed(f"The embedded AWS did not answer within {START_SECONDS:.0f} seconds.", log)
        time.sleep(0.05)
    return daemon


def environment(settings: Settings) -> dict[str, str]:
    """What the embedded AWS is told. AWS_ENDPOINT_URL is not among it: it would call itself."""
    folder = settings.state / "emulator"
    return {name: os.environ[name] for name in INHERITED if name in os.environ} | {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(settings.port),
        "MINISTACK_REGION": settings.region,
        "PERSIST_STATE": "1",
        "STATE_DIR": str(folder / "state"),
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(folder / "s3"),
        "TMPDIR": str(folder / "tmp"),
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        # The tasks hand the Wait states times that WAIT_SCALE has scaled already.
        "SFN_WAIT_SCALE": "1",
        # Listeners of services that we do not use, on ports that two stacks would quarrel about.
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        # No Docker, even where there is one: containers would outlive us.
        "LAMBDA_EXECUTOR": "local",
        "DOCKER_HOST": "unix:///nonexistent",
        "LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def running(settings: Settings) -> Daemon | None:
    """Our embedded AWS of this stack, if it runs."""
    return processes.recorded(pid_file(settings))


def stop(settings: Settings) -> bool:
    """Stop it. It writes its state on the way, and takes its functions' workers along."""
    stopped = processes.stop(pid_file(settings))
    if stopped:
        remove_beside(settings.state / "emulator" / "tmp")
    return stopped


def remove_beside(folder: Path) -> None:
    """Each worker unpacked the layers there: too many files to wait for."""
    if folder.exists():
        doomed = folder.rename(folder.with_name(f"{folder.name}-{os.getpid()}-{time.time_ns()}"))
        subprocess.Popen(["rm", "-rf", doomed], start_new_session=True).returncode = 0  # noqa: S607  # not waited for


def answers(settings: Settings) -> bool:
    """Whether an emulator answers on the port."""
    try:
        with urllib.request.urlopen(f"{settings.endpoint}/_ministack/health", timeout=5):
            return True
    except (OSError, http.client.HTTPException):
        return False


def require_free_port(settings: Settings) -> None:
    """Say who has the port, if somebody has."""
    if port_is_free(settings.port):
        return
    who = "another emulator, of another checkout or another STATE_DIR" if answers(settings) else "another program"
    raise LocalError(
        f"Port {settings.port} is already in use by {who}.\n"
        f"Stop that one, or take another port: make up GIFTLINE_PORT={settings.port + 1}"
    )


def port_is_free(port: int) -> bool:
    """Whether nobody answers there and nobody holds it."""
    with socket.socket() as caller:
        caller.settimeout(2)
        if caller.connect_ex(("127.0.0.1", port)) == 0:
            return False
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def pid_file(settings: Settings) -> Path:
    return settings.state / "emulator.pid"
