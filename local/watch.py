"""Live progress of dropped files, by state and by cards, until each order has ended."""

import time
from collections.abc import Mapping
from typing import Any

import requests
from botocore.exceptions import ClientError

from local.demo_door import Door
from local.demo_orders import DroppedFile
from local.demo_screen import LiveScreen, PlainScreen, Screen, Sight
from local.errors import LocalError
from local.steps import console

EVERY_SECONDS = 0.3
LEAST_LIMIT = 300.0
SECONDS_A_CARD = 0.02
# The longest documented interval between two polls is an hour; WAIT_SCALE scales it.
SUPPLIER_SECONDS = 4 * 3600.0
SILENT_TRIES = 20
REPORT_LINES = 12


class Watcher:
    """Asks the status door until every order is over, or for `limit` seconds."""

    def __init__(self, door: Door, s3: Any, outputs: Mapping[str, str], wait_scale: float) -> None:
        self._door = door
        self._s3 = s3
        self._outputs = outputs
        self._wait_scale = wait_scale

    def watch(self, files: list[DroppedFile]) -> list[Sight]:
        sights = [Sight(file) for file in files]
        screen = LiveScreen(console, sights) if console.is_terminal else PlainScreen(console)
        with screen:
            self._follow(sights, screen)
        for sight in sights:
            sight.judge()
        return sights

    def _follow(self, sights: list[Sight], screen: Screen) -> None:
        began = time.monotonic()
        screen.show(sights)
        while True:
            for sight in sights:
                if not sight.is_over:
                    self._look(sight)
            screen.show(sights)
            if all(sight.is_over for sight in sights):
                return
            if time.monotonic() - began > self._limit(sights):
                raise LocalError(self._too_late(sights, time.monotonic() - began))
            time.sleep(EVERY_SECONDS)

    def _limit(self, sights: list[Sight]) -> float:
        cards = sum(sight.answer.ordered for sight in sights if sight.answer)
        return LEAST_LIMIT + SECONDS_A_CARD * cards + SUPPLIER_SECONDS * self._wait_scale

    def _look(self, sight: Sight) -> None:
        try:
            sight.answer = self._door.status(sight.file.refno)
            sight.silent = 0
        except requests.RequestException as error:
            sight.silent += 1
            if sight.silent >= SILENT_TRIES:
                raise LocalError(f"The stack does not answer any more: {error}\nWhat runs: make status") from error
        sight.seconds = time.time() - sight.file.dropped_at
        if sight.answer is None:
            sight.rejected = self._error_report(sight.file.refno)

    def _error_report(self, refno: str) -> str:
        """The report beside which nothing was ordered; empty while there is none."""
        key = f"rejected/{self._outputs['Tenant']}/{refno}.errors.csv"
        try:
            found = self._s3.get_object(Bucket=self._outputs["ResultsBucketName"], Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in {"NoSuchKey", "404"}:
                raise
            return ""
        lines = found["Body"].read().decode("utf-8-sig").splitlines()
        more = [f"and {len(lines) - REPORT_LINES} more"] if len(lines) > REPORT_LINES else []
        where = f"s3://{self._outputs['ResultsBucketName']}/{key}"
        return "\n".join(f"    {line}" for line in [*lines[:REPORT_LINES], *more, where])

    def _too_late(self, sights: list[Sight], seconds: float) -> str:
        late = "\n".join(f"  {sight.file.refno}: {sight.words}" for sight in sights if not sight.is_over)
        return (
            f"After {seconds:.0f} seconds these orders are still open:\n{late}\n"
            "They are not lost: the stack goes on with them. Look at `make status`, and at the logs "
            "(emulator.log, sandbox.log) in the logs folder of the state that it names."
        )
