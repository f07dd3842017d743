"""What can go wrong here, each said so that the person at the keyboard can mend it.

LocalError
├── WrongSettings   environment variables with values that cannot be used
└── StepFailed      a step of the start did not succeed; carries the last lines of its log
"""

from collections.abc import Sequence
from pathlib import Path


class LocalError(Exception):
    """The command cannot do what it was asked to."""


class WrongSettings(LocalError):
    """Some environment variables have values that cannot be used."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class StepFailed(LocalError):
    """A step did not succeed."""

    def __init__(self, what: str, log: Path | None = None) -> None:
        tail = f"\n{log} ends with:\n{last_lines(log)}" if log and log.is_file() else ""
        super().__init__(what + tail)


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a log, indented."""
    lines = log.read_text(errors="replace").splitlines()
    return "\n".join(f"    {line}" for line in lines[-count:])
