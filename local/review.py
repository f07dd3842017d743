"""python -m local.review: what `make review` calls. Lists what is in review, or acts on one lot of it."""

import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

import requests

from giftline.orders.reviewing import Way
from local import deployment, emulator
from local.command import exit_code
from local.demo_door import SECONDS, session
from local.errors import LocalError, WrongSettings
from local.outputs import read_outputs_file
from local.review_screen import show_reviews
from local.settings import Settings, read_settings
from local.steps import console

ACTS: Final = ", ".join(Way)
ANSWER_SECONDS: Final = SECONDS + 10.0
"""An adoption asks the supplier while we wait; the API ends it after 29 s."""


@dataclass(frozen=True, slots=True)
class Act:
    """What the person asked for on the command line."""

    order: str
    lot: int
    act: str
    why: str
    who: str


class Door(Protocol):
    """The operators' calls of our own stack; LocalError says what they refused."""

    def reviews(self) -> list[dict[str, Any]]: ...

    def resolve(self, act: Act) -> dict[str, Any]: ...


class HttpDoor:
    """Asked as an operator asks it: over HTTP, with a token."""

    def __init__(self, api_url: str, token: str) -> None:
        self._reviews = f"{api_url}/v1/reviews"
        self._session = session()
        self._session.headers["X-Api-Key"] = token

    def reviews(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._call("GET", self._reviews)["reviews"]
        return found

    def resolve(self, act: Act) -> dict[str, Any]:
        body = {"act": act.act, "why": act.why, "who": act.who}
        return self._call("POST", f"{self._reviews}/{act.order}/{act.lot}", body)

    def _call(self, method: str, url: str, body: Mapping[str, str] | None = None) -> dict[str, Any]:
        try:
            with self._session.request(method, url, json=body, timeout=ANSWER_SECONDS) as response:
                answer: dict[str, Any] = response.json()
        except (requests.RequestException, ValueError) as error:
            raise LocalError(f"The stack gave no readable answer ({type(error).__name__}).") from error
        if not response.ok:
            raise LocalError(f"{response.status_code}: {answer.get('message', 'no message')}")
        return answer


def main() -> int:
    return exit_code(lambda: review(os.environ), "Stopped.")


def review(environ: Mapping[str, str]) -> int:
    act = read_act(environ)
    settings = read_settings(environ)
    outputs = read_outputs_file(settings)
    if not outputs or not emulator.running(settings):
        raise LocalError("No stack is running here: start it with `make up`.")
    door = HttpDoor(outputs["ApiUrl"], outputs["Token"])
    if act is None:
        show_reviews(door.reviews())
    else:
        resolve(door, settings, act)
    return 0


def read_act(environ: Mapping[str, str]) -> Act | None:
    """None: list them. WrongSettings names everything that is missing or wrong."""
    order, lot, act, why = (environ.get(name, "").strip() for name in ("ORDER", "LOT", "ACT", "WHY"))
    if not any((order, lot, act, why)):
        return None
    problems = []
    if not order:
        problems.append("ORDER is missing: the id that `make review` lists")
    if not (lot.isascii() and lot.isdigit() and len(lot) < 10):
        problems.append(f"LOT is {lot!r}: expected the lot's number, or 0 for an order without one")
    if act not in list(Way):
        problems.append(f"ACT is {act!r}: expected one of {ACTS}")
    if not why:
        problems.append("WHY is missing: it is kept with the lot, such as WHY='the supplier says that it never came'")
    if problems:
        raise WrongSettings(problems)
    return Act(order, int(lot), act, why, environ.get("WHO", "").strip() or getpass.getuser())


def resolve(door: Door, settings: Settings, act: Act) -> None:
    """The act, and then the sweep, so that the order goes on at once."""
    after = door.resolve(act)
    told = f"Lot {act.lot} of {act.order} is {after['state']}" if act.lot else f"Order {act.order} is open again"
    console.print(f"{told}: {act.act} by {act.who}.", markup=False)
    started = deployment.invoke(settings, "RunScheduleFunction", {"job": "sweep"})["started"]
    console.print(f"The sweep has started {started} execution{'s' * (started != 1)}.")


if __name__ == "__main__":
    sys.exit(main())
