"""Start, stop and describe the stack on this machine."""

import contextlib
import fcntl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from local import deployment, emulator, suppliers, wallet_secrets
from local.errors import LocalError, StepFailed
from local.outputs import read_outputs_file, write_outputs
from local.seed import seed
from local.seed_brand import seed_brand
from local.settings import Settings
from local.steps import console, step


def up(settings: Settings) -> dict[str, str]:
    """Start the stack, or deploy onto it if it runs; returns what outputs.json says.

    A start that fails leaves nothing running. A stack that ran before is left running.
    """
    with alone(settings):
        ran_before = emulator.running(settings)
        if ran_before and ran_before.port != settings.port:
            raise LocalError(
                f"The stack in {settings.state} runs on port {ran_before.port}.\n"
                f"Stop it (GIFTLINE_PORT={ran_before.port} make down), or give this one another STATE_DIR."
            )
        if ran_before:
            console.print("The stack is already up; deploying onto it.")
        else:
            suppliers.stop(settings)
            emulator.require_free_port(settings)
        try:
            return start_and_deploy(settings)
        except BaseException:
            if not ran_before:
                stop_all(settings)
            raise


def start_and_deploy(settings: Settings) -> dict[str, str]:
    """Every step of a start; those that already hold do nothing."""
    # The build needs no running stack, so it goes on beside the start.
    with ThreadPoolExecutor(1) as beside:
        building = beside.submit(deployment.build, settings)
        if settings.wpay_base_url is None and not suppliers.running(settings):
            with step("Starting the sandbox"):
                suppliers.start(settings)
        if not emulator.running(settings):
            with step("Starting the embedded AWS"):
                emulator.start(settings)
        with step("Building the functions and layers"):
            building.result()
    with step("Deploying template.yaml"):
        deployment.deploy(settings, template_parameters(settings))
        deployment.write_secrets(settings)
        wallet_secrets.write(settings)
    with step("Seeding tenant, catalogue and sample brand"):
        outputs = deployment.read_outputs(settings)
        outputs |= {"EndpointUrl": settings.endpoint, "Region": settings.region}
        outputs |= seed(outputs, settings) | seed_brand(outputs, settings)
    with step("Taking up what was left unfinished"):
        for job in ("sweep", "sweep_batches", "sweep_webhooks", "sync_schedules"):
            deployment.invoke(settings, "RunScheduleFunction", {"job": job})
        take_balances(settings)
    write_outputs(settings, outputs)
    return outputs


def take_balances(settings: Settings) -> None:
    """A day's books begin with one. A supplier that gives none is asked again by the schedule, and hinders nothing."""
    try:
        deployment.invoke(settings, "ReconcileFunction", {"job": "take_balances"})
    except StepFailed:
        console.print("A supplier gave no balance; the first reconciliation will say so.")


def template_parameters(settings: Settings) -> dict[str, str]:
    """What the template is told on this machine."""
    sandbox = suppliers.running(settings)
    sandbox_url = f"http://127.0.0.1:{sandbox.port}" if sandbox else None
    parameters = {
        "WaitScale": f"{settings.wait_scale:.12g}",
        "LocalEndpoint": settings.endpoint,
        "ApplePassTypeId": wallet_secrets.APPLE_PASS_TYPE_ID,
        "AppleTeamId": wallet_secrets.APPLE_TEAM_ID,
        "WpayBaseUrl": settings.wpay_base_url or sandbox_url,
        "WalleoBaseUrl": settings.walleo_base_url or sandbox_url,
        "WalleoRequestsPerSecond": f"{settings.walleo_requests_per_second:g}",
        "WalleoDoorUrl": settings.walleo_door_url,
    }
    if sandbox_url:
        parameters |= {
            "GoogleIssuerId": wallet_secrets.GOOGLE_ISSUER_ID,
            "GoogleServiceAccount": wallet_secrets.GOOGLE_SERVICE_ACCOUNT,
            "GoogleWalletUrl": sandbox_url,
            "GoogleTokenUrl": f"{sandbox_url}/token",
            "GoogleSaveUrl": f"{sandbox_url}/gp/v/save",
            "GoogleLogoUrl": "https://sandbox.example/logo.png",
        }
    return {name: value for name, value in parameters.items() if value}


def down(settings: Settings) -> list[str]:
    """Stop the stack; its data stays. Returns what was stopped."""
    with alone(settings):
        return stop_all(settings)


def stop_all(settings: Settings) -> list[str]:
    """Stop whatever of this stack runs, the embedded AWS first: its functions call the sandbox."""
    stopped = []
    if emulator.stop(settings):
        stopped.append("the embedded AWS")
    if suppliers.stop(settings):
        stopped.append("the sandbox")
    return stopped


def status(settings: Settings) -> dict[str, str]:
    """What runs, in words."""
    aws, sandbox = emulator.running(settings), suppliers.running(settings)
    outputs = read_outputs_file(settings) or {}
    return {
        "embedded AWS": f"{settings.endpoint}, pid {aws.pid}" if aws else "not running",
        "sandbox": f"http://127.0.0.1:{sandbox.port}, pid {sandbox.pid}" if sandbox else "not running",
        "API": outputs.get("ApiUrl", "not deployed") if aws else "not running",
        "state": str(settings.state),
    }


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Let only one command at a time change this stack."""
    settings.state.mkdir(parents=True, exist_ok=True)
    with (settings.state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LocalError(f"Another command is starting or stopping the stack in {settings.state}.") from error
        yield
