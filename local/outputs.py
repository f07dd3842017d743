"""outputs.json: where the stack answers and with which token, readable by its owner alone."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from local import processes
from local.settings import SHARED_STATE, Settings


def write_outputs(settings: Settings, outputs: Mapping[str, str]) -> None:
    """Write the stack's outputs, and the shared .local/outputs.json unless another live stack owns that one."""
    write_privately(settings.outputs_file, outputs)
    if settings.state == SHARED_STATE or not another_owns(settings):
        write_privately(SHARED_STATE / "outputs.json", outputs)
        owner_file().write_text(f"{settings.state}\n")


def another_owns(settings: Settings) -> bool:
    """Whether a running stack, and not this one, wrote the shared file."""
    try:
        owner = Path(owner_file().read_text().strip())
    except FileNotFoundError:
        return False
    return owner != settings.state and processes.recorded(owner / "emulator.pid") is not None


def read_outputs_file(settings: Settings) -> dict[str, str] | None:
    """What the last start wrote, if there was one."""
    try:
        outputs: dict[str, str] = json.loads(settings.outputs_file.read_text())
    except (FileNotFoundError, ValueError):
        return None
    return outputs


def write_privately(file: Path, outputs: Mapping[str, str]) -> None:
    """Replace the file in one step, so that nobody reads half of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(outputs, stream, indent=2, sort_keys=True)
        stream.write("\n")
    draft.replace(file)


def owner_file() -> Path:
    return SHARED_STATE / "outputs.owner"
