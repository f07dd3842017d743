"""CPU that an import costs, beside a process that makes one boto3 DynamoDB client."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from local.settings import ROOT

PYTHON = ROOT / ".venv" / "emulator" / "bin" / "python"
CLIENT = "import boto3; boto3.client('dynamodb')"
IMPORT = "import app"
SETTINGS = (
    "ORDERS_TABLE",
    "ACCOUNTS_TABLE",
    "RESULTS_BUCKET",
    "DROP_BUCKET",
    "QUEUE_URL",
    "STATE_MACHINE_ARN",
    "DATA_KEY_ID",
    "SUPPLIER_SECRETS_ARN",
    "WPAY_BASE_URL",
    "WALLEO_BASE_URL",
    "WALLET_TABLE",
    "WEBHOOKS_TABLE",
    "WALLET_SECRETS_ARN",
    "CHUNKS_QUEUE_URL",
    "DELIVER_WEBHOOK_ARN",
    "API_URL",
    "PASSES_URL",
    "STANDING_GROUP",
    "STANDING_TARGET_ARN",
    "STANDING_ROLE_ARN",
    "STANDING_DEAD_LETTER_ARN",
)
BATCHES = 14


def import_ratios(build: Path, functions: list[Path], budgets: Mapping[str, float]) -> Mapping[str, float]:
    """By function: the least CPU of its imports over the least of the client's: what a busy machine adds is never
    less. What is over its budget is measured again, a few times, beside the client.

    The layers are those that `sam build` made, with their .pyc files; nothing else can be imported.
    """
    layers = [build / layer / "python" for layer in ("DependenciesLayer", "GiftlineLayer")]
    clients: list[float] = []
    imports: dict[str, list[float]] = {function.name: [] for function in functions}
    ratios: dict[str, float] = {}
    left = functions
    for _ in range(BATCHES):
        clients.append(cpu_of(CLIENT, layers))
        for function in left:
            imports[function.name].append(cpu_of(IMPORT, [*layers, function]))
        ratios = {name: min(found) / min(clients) for name, found in imports.items()}
        left = [function for function in functions if ratios[function.name] > budgets[function.name]]
        if not left:
            break
    return ratios


def cpu_of(program: str, path: list[Path]) -> float:
    """User and system seconds of one Python process."""
    environment = dict.fromkeys(SETTINGS, "x") | {
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "POWERTOOLS_SERVICE_NAME": "giftline",
        "WAIT_SCALE": "1",
    }
    process = subprocess.Popen([PYTHON, "-S", "-c", program], env=environment, cwd="/")
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{program} failed with {path[-1]} last on the path"
    return used.ru_utime + used.ru_stime
