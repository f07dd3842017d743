"""What the environment says about the stack on this machine, checked as a whole before anything starts."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from local.errors import WrongSettings

T = TypeVar("T")

ROOT = Path(__file__).resolve().parents[1]
SHARED_STATE = ROOT / ".local"
REGION = "us-east-1"
DEFAULT_PORT = 4566
LOWEST_PORT = 1024
LARGEST_PORT = 65_535
FAULT_PROFILES = ("none", "light", "rough")


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the suppliers want to see. `repr` shows nothing."""

    wpay_api_key: str
    walleo_api_key: str
    walleo_id: str
    walleo_shared_key: str

    def __repr__(self) -> str:
        return "Credentials(…)"


@dataclass(frozen=True, slots=True)
class Settings:
    """One stack: its port, its folder, its clock and its suppliers."""

    port: int
    state: Path
    wait_scale: float
    wpay_base_url: str | None
    """None: the sandbox."""
    walleo_base_url: str | None
    walleo_requests_per_second: float
    walleo_door_url: str | None
    """What clients of our own Walleo door sign, where it is not this stack's address; None: that alone."""
    credentials: Credentials
    sandbox_faults: str
    sandbox_seed: int

    @property
    def endpoint(self) -> str:
        """Where the embedded AWS answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def region(self) -> str:
        return REGION

    @property
    def outputs_file(self) -> Path:
        return self.state / "outputs.json"

    @property
    def log_folder(self) -> Path:
        return self.state / "logs"


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads one variable after the other; what is wrong with each is kept, and its default stands in."""

    environ: Mapping[str, str]
    problems: list[str] = field(default_factory=list)

    def value(self, name: str, default: T, parse: Callable[[str], T]) -> T:
        text = self._text(name)
        if not text:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(f"{name} is {text!r}: {error}")
            return default

    def secret(self, name: str, default: str) -> str:
        text = self._text(name)
        if text and not (text.isascii() and text.isprintable() and " " not in text):
            self.problems.append(f"{name} holds a space or a character that no HTTP header can carry")
        return text or default

    def hex_secret(self, name: str, default: str) -> str:
        text = self._text(name)
        if text and (len(text) % 2 or not re.fullmatch("[0-9A-Fa-f]+", text)):
            self.problems.append(
                f"{name} is not hex with an even number of digits, as Walleo hands out its shared keys"
            )
        return text or default

    def _text(self, name: str) -> str:
        return self.environ.get(name, "").strip()


def read_settings(environ: Mapping[str, str]) -> Settings:
    """The settings, or every problem at once as `WrongSettings`."""
    read = Reading(environ)
    port = read.value("GIFTLINE_PORT", DEFAULT_PORT, parse_port)
    own_state = SHARED_STATE if port == DEFAULT_PORT else SHARED_STATE / str(port)
    settings = Settings(
        port=port,
        state=read.value("STATE_DIR", own_state, parse_folder),
        wait_scale=read.value("WAIT_SCALE", 0.001, parse_scale),
        wpay_base_url=read.value("WPAY_BASE_URL", None, parse_url),
        walleo_base_url=read.value("WALLEO_BASE_URL", None, parse_url),
        walleo_requests_per_second=read.value("WALLEO_REQUESTS_PER_SECOND", 500.0, parse_rate),
        walleo_door_url=read.value("WALLEO_DOOR_URL", None, parse_url),
        credentials=Credentials(
            wpay_api_key=read.secret("WPAY_API_KEY", "sandbox-key"),
            walleo_api_key=read.secret("WALLEO_API_KEY", "sandbox-key"),
            walleo_id=read.secret("WALLEO_ID", "sandbox"),
            walleo_shared_key=read.hex_secret("WALLEO_SHARED_KEY", "5a6e0f3b9c1d48e7a2b4c6d8e0f1a3b5"),
        ),
        sandbox_faults=read.value("SANDBOX_FAULTS", "none", parse_faults),
        sandbox_seed=read.value("SANDBOX_SEED", 1, parse_seed),
    )
    if read.problems:
        raise WrongSettings(read.problems)
    return settings


def parse_port(text: str) -> int:
    """A port that needs no rights."""
    if not (text.isascii() and text.isdigit()) or not LOWEST_PORT <= int(text) <= LARGEST_PORT:
        raise ValueError(f"expected a port from {LOWEST_PORT} to {LARGEST_PORT}")
    return int(text)


def parse_folder(text: str) -> Path:
    """A folder, made later if it is missing."""
    folder = Path(text).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise ValueError("expected a folder, but this is a file")
    return folder


def parse_scale(text: str) -> float:
    """By what the rules' own durations are multiplied."""
    try:
        scale = float(text)
    except ValueError:
        scale = math.nan
    if not 0 < scale <= 1:
        raise ValueError("expected a number above 0 and up to 1, such as 0.001")
    return scale


def parse_rate(text: str) -> float:
    """What a supplier account allows; 0 is no limit."""
    try:
        rate = float(text)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= 10_000:
        raise ValueError("expected requests a second from 0 (no limit) to 10000")
    return rate


def parse_url(text: str) -> str:
    """Where a supplier answers, without the slash at the end."""
    expected = "expected an http or https URL such as http://127.0.0.1:8080"
    try:
        url = urlsplit(text)
        reachable = url.hostname and (url.port is None or url.port > 0)
    except ValueError as error:
        raise ValueError(f"{expected} ({error})") from error
    if url.scheme not in {"http", "https"} or not reachable:
        raise ValueError(expected)
    if url.query or url.fragment or url.username is not None:
        raise ValueError(f"{expected}, with no user, query or fragment")
    return text.rstrip("/")


def parse_faults(text: str) -> str:
    """How often the sandbox has accidents."""
    if text not in FAULT_PROFILES:
        raise ValueError(f"expected one of {', '.join(FAULT_PROFILES)}")
    return text


def parse_seed(text: str) -> int:
    """What decides which requests have accidents."""
    try:
        return int(text)
    except ValueError:
        raise ValueError("expected a whole number") from None
