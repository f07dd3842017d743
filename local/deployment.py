"""`sam build` and `sam deploy` of the real template, with the `local` environment of samconfig.toml."""

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import boto3
import yaml
from botocore.config import Config

from local.errors import StepFailed
from local.settings import ROOT, Settings

SAM = ROOT / ".venv" / "sam" / "bin" / "sam"
STACK = "giftline"
SUPPLIER_SECRETS = "SupplierSecrets"
API_URLS = {"ApiUrl", "PassesUrl"}


def build(settings: Settings) -> None:
    """Build the layers and the template into the stack's own folder, so that two stacks do not collide."""
    for cache in (ROOT / "functions").rglob("__pycache__"):
        shutil.rmtree(cache, ignore_errors=True)  # it would be part of the upload, and differ each time
    run_sam(settings, "build", "--build-dir", str(build_folder(settings)))
    for definition in (ROOT / "statemachine").glob("*.asl.yaml"):
        write_as_json(definition, build_folder(settings))


def write_as_json(definition: Path, folder: Path) -> None:
    """The embedded AWS reads state machines in JSON alone; AWS reads the YAML as it is."""
    copy = folder / f"{definition.stem}.json"
    copy.write_text(json.dumps(yaml.safe_load(definition.read_text()), indent=2))
    template = folder / "template.yaml"
    original = os.path.relpath(definition, folder)
    template.write_text(template.read_text().replace(original, copy.name))


def deploy(settings: Settings, parameters: Mapping[str, str]) -> None:
    """Deploy what was built; nothing to change is fine."""
    built = build_folder(settings) / "template.yaml"
    known = template_parameters(built)
    overrides = [f"{name}={value}" for name, value in parameters.items() if name in known]
    options = ["--parameter-overrides", *overrides] if overrides else []
    run_sam(settings, "deploy", "--template-file", str(built), *options)


def read_outputs(settings: Settings) -> dict[str, str]:
    """The stack's outputs, with addresses that plain curl on this machine can use."""
    stack = client(settings, "cloudformation").describe_stacks(StackName=STACK)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    for name in API_URLS & outputs.keys():
        outputs[name] = local_api_url(settings, outputs[name])
    return {
        name: value.replace(f"//localhost:{settings.port}", f"//127.0.0.1:{settings.port}")
        for name, value in outputs.items()
    }


def local_api_url(settings: Settings, url: str) -> str:
    """https://ID.execute-api.REGION.amazonaws.com/STAGE as a path on 127.0.0.1: no tricks with host names."""
    host, _, path = url.partition("://")[2].partition("/")
    api, stage = host.partition(".")[0], path.partition("/")[0]
    return f"{settings.endpoint}/_aws/execute-api/{api}/{stage}"


def write_secrets(settings: Settings) -> None:
    """Put the suppliers' credentials where the functions read them."""
    credentials = settings.credentials
    value = {
        "wpay_api_key": credentials.wpay_api_key,
        "walleo_api_key": credentials.walleo_api_key,
        "walleo_id": credentials.walleo_id,
        "walleo_shared_key": credentials.walleo_shared_key,
    }
    secret = physical_id(settings, SUPPLIER_SECRETS)
    client(settings, "secretsmanager").put_secret_value(SecretId=secret, SecretString=json.dumps(value))


def invoke(settings: Settings, function: str, event: Mapping[str, Any]) -> Any:
    """Run one function now and give back its answer. StepFailed where it fails."""
    name = physical_id(settings, function)
    answer = client(settings, "lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    if "FunctionError" in answer:
        raise StepFailed(f"{function} failed.", settings.log_folder / "emulator.log")
    return json.load(answer["Payload"])


def physical_id(settings: Settings, logical_id: str) -> str:
    """What a resource of the template is called in the deployed stack."""
    found = client(settings, "cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=logical_id)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def client(settings: Settings, service: str) -> Any:
    """A boto3 client of the embedded AWS, deaf to the person's own AWS profile."""
    return boto3.client(  # type: ignore[call-overload]  # the service is not known before it is called
        service,
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106  # any will do
        config=Config(retries={"max_attempts": 3}, proxies={}),
    )


def template_parameters(template: Path) -> set[str]:
    """Which parameters a template has."""
    return set(yaml.load(template.read_text(), Loader=TemplateLoader).get("Parameters", {}))  # noqa: S506


class TemplateLoader(yaml.SafeLoader):
    """Reads a template's plain parts; what !Sub and its like would give does not matter here."""


TemplateLoader.add_multi_constructor("!", lambda *_: None)


def run_sam(settings: Settings, command: str, *options: str) -> None:
    """Run sam with its output in a log."""
    log = settings.log_folder / f"sam-{command}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        finished = subprocess.run(
            [SAM, command, "--config-file", ROOT / "samconfig.toml", "--config-env", "local", *options],
            cwd=ROOT,
            env=sam_environment(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    if finished.returncode:
        raise StepFailed(f"`sam {command}` failed.", log)


def sam_environment(settings: Settings) -> dict[str, str]:
    """The person's environment without their AWS account, whose place the embedded AWS takes."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SAM_", "MAKE", "MFLAGS"))
    }
    nowhere = str(settings.state / "no-such-file")
    return kept | {
        "AWS_ENDPOINT_URL": settings.endpoint,
        "AWS_REGION": settings.region,
        "AWS_DEFAULT_REGION": settings.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_CONFIG_FILE": nowhere,
        "AWS_SHARED_CREDENTIALS_FILE": nowhere,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1,localhost",
        "SAM_CLI_TELEMETRY": "0",
        "SAM_CLI_POLL_DELAY": "0.2",
        "GIFTLINE_TARGET": "local",
    }


def build_folder(settings: Settings) -> Path:
    return settings.state / "build"
