"""python -m local.webhooks: what `make webhooks` calls. Lists what was sent, resends, rotates the secret."""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import requests

from local import emulator
from local.command import exit_code
from local.demo_door import SECONDS, session
from local.errors import LocalError, WrongSettings
from local.outputs import read_outputs_file
from local.settings import read_settings
from local.steps import console
from local.webhooks_screen import show_event, show_events, show_rotated

RESEND: Final = "resend"
RESEND_FAILED: Final = "resend_failed"
MOST_CALLS: Final = 400
"""Of one resend_failed: 25 events each."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asked for; `act` empty lists."""

    act: str = ""
    event: str = ""
    start: str = ""
    end: str = ""
    rotate: bool = False


class Door(Protocol):
    """A tenant's calls on its webhooks; LocalError says what they refused."""

    def events(self) -> list[dict[str, Any]]: ...

    def event(self, event_id: str) -> dict[str, Any]: ...

    def resend(self, event_id: str) -> dict[str, Any]: ...

    def resend_failed(self, start: str, end: str, after: str | None) -> dict[str, Any]: ...

    def rotate(self) -> dict[str, Any]: ...


class HttpDoor:
    """Asked as a tenant asks it: over HTTP, with a token."""

    def __init__(self, api_url: str, token: str) -> None:
        self._webhooks = f"{api_url}/v1/webhooks"
        self._session = session()
        self._session.headers["X-Api-Key"] = token

    def events(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", self._webhooks)["events"]
        return found

    def event(self, event_id: str) -> dict[str, Any]:
        return self._call("GET", f"{self._webhooks}/{event_id}")

    def resend(self, event_id: str) -> dict[str, Any]:
        return self._call("POST", f"{self._webhooks}/{event_id}/resend")

    def resend_failed(self, start: str, end: str, after: str | None) -> dict[str, Any]:
        body = {"from": start, "to": end} | ({"next": after} if after else {})
        return self._call("POST", f"{self._webhooks}/resend", body)

    def rotate(self) -> dict[str, Any]:
        return self._call("POST", f"{self._webhooks}/secret/rotate")

    def _call(self, method: str, url: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            with self._session.request(method, url, json=body, timeout=SECONDS) as response:
                answer: dict[str, Any] = response.json()
        except (requests.RequestException, ValueError) as error:
            raise LocalError(f"The stack gave no readable answer ({type(error).__name__}).") from error
        if not response.ok:
            raise LocalError(f"{response.status_code}: {_told(answer)}")
        return answer


def _told(answer: Mapping[str, Any]) -> str:
    """The message, and under it each wrong field that it does not name itself."""
    wrong = [f"{one['field']}: {one['problem']}; expected {one['expected']}" for one in answer.get("messages", ())]
    message = str(answer.get("message", "no message"))
    return "\n  ".join([message, *(one for one in wrong if one not in message)])


def main() -> int:
    return exit_code(lambda: webhooks(os.environ), "Stopped.")


def webhooks(environ: Mapping[str, str]) -> int:
    asked = read_asked(environ)
    settings = read_settings(environ)
    outputs = read_outputs_file(settings)
    if not outputs or not emulator.running(settings):
        raise LocalError("No stack is running here: start it with `make up`.")
    act(HttpDoor(outputs["ApiUrl"], outputs["Token"]), asked)
    return 0


def read_asked(environ: Mapping[str, str]) -> Asked:
    """WrongSettings names everything that is missing or wrong."""
    event, word, start, end, rotate = (
        environ.get(name, "").strip() for name in ("EVENT", "ACT", "FROM", "TO", "ROTATE")
    )
    problems = []
    if rotate not in ("", "1"):
        problems.append(f"ROTATE is {rotate!r}: expected 1, or nothing")
    if word not in ("", RESEND, RESEND_FAILED):
        problems.append(f"ACT is {word!r}: expected {RESEND} or {RESEND_FAILED}")
    if rotate and (word or event):
        problems.append("ROTATE goes alone: expected neither ACT nor EVENT beside it")
    if word == RESEND and not event:
        problems.append("EVENT is missing: the id that `make webhooks` lists")
    if word == RESEND_FAILED:
        if event:
            problems.append(f"EVENT stands beside ACT={RESEND_FAILED}: expected FROM and TO, or ACT={RESEND}")
        missing = [name for name, given in (("FROM", start), ("TO", end)) if not given]
        problems += [f"{name} is missing: a time such as 2026-11-21T00:00:00Z" for name in missing]
    elif start or end:
        problems.append(f"FROM and TO go with ACT={RESEND_FAILED}: expected that, or neither")
    if problems:
        raise WrongSettings(problems)
    return Asked(word, event, start, end, bool(rotate))


def act(door: Door, asked: Asked) -> None:
    if asked.rotate:
        show_rotated(door.rotate())
    elif asked.act == RESEND:
        sent = door.resend(asked.event)
        console.print(f"{sent['id']} is sent again: all its tries anew, under the same id.", markup=False)
    elif asked.act == RESEND_FAILED:
        resend_failed(door, asked)
    elif asked.event:
        show_event(door.event(asked.event))
    else:
        show_events(door.events())


def resend_failed(door: Door, asked: Asked) -> None:
    """Part by part, as the API gives them."""
    resent, after = 0, None
    for _ in range(MOST_CALLS):
        answer = door.resend_failed(asked.start, asked.end, after)
        resent, after = resent + answer["resent"], answer["next"]
        if not after:
            break
    console.print(f"{resent:,} failed event{'s' * (resent != 1)} sent again.", markup=False)
    if after:
        console.print("There are more: run it again.")


if __name__ == "__main__":
    sys.exit(main())
