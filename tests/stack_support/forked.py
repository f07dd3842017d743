"""One event at a function's own handler, in many processes at once, on the tables of a running stack.

The function is loaded once and then forked: the embedded AWS would load it anew for each of many calls at one time,
one after the other, and time them out.
"""

from __future__ import annotations

import importlib.util
import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from local.settings import ROOT
from tests.stack_support.stack import Stack

SECONDS = 150
Answer = Mapping[str, Any]


def answers_at_once(stack: Stack, folder: str, event: Mapping[str, Any], times: int) -> list[Answer]:
    """What each of so many handlers answered, in the environment that the function was deployed with."""
    logical_id = "".join(word.capitalize() for word in folder.split("_")) + "Function"
    told = stack.client("lambda").get_function_configuration(FunctionName=stack.physical_id(logical_id))
    environ = {**os.environ, **told["Environment"]["Variables"], **_credentials(stack)}
    finished = subprocess.run(
        [sys.executable, "-m", "tests.stack_support.forked"],
        input=json.dumps([folder, event, times]),
        env=environ,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr[-3_000:]
    answers: list[Answer] = json.loads(finished.stdout)
    return answers


def _credentials(stack: Stack) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": stack.settings.endpoint,
        "AWS_DEFAULT_REGION": stack.settings.region,
        "AWS_REGION": stack.settings.region,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "layers" / "giftline"), str(ROOT)]),
    }


def main() -> None:
    """Reads the folder, the event and how often; writes the answers."""
    folder, event, times = json.load(sys.stdin)
    handler = handler_of(folder)
    context = multiprocessing.get_context("fork")
    start, answers = context.Barrier(times), context.SimpleQueue()

    def one() -> None:
        start.wait()
        answers.put(handler(event, SimpleNamespace()))

    processes = [context.Process(target=one) for _ in range(times)]
    for process in processes:
        process.start()
    json.dump([answers.get() for _ in processes], sys.stdout)
    for process in processes:
        process.join()


def handler_of(folder: str) -> Callable[[Any, object], Answer]:
    """As Lambda loads it."""
    spec = importlib.util.spec_from_file_location("app", ROOT / "functions" / folder / "app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    handler: Callable[[Any, object], Answer] = module.handler
    return handler


if __name__ == "__main__":
    main()
