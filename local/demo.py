"""python -m local.demo: files of recipients become gift cards on this machine, from the drop to the money."""

import os
import sys
from contextlib import closing
from datetime import datetime

from local import stack, suppliers
from local.command import exit_code
from local.demo_door import Door
from local.demo_ledger import compare
from local.demo_orders import DroppedFile, drop, generated_file, sample_files
from local.demo_results import Result, read_result
from local.demo_screen import Sight
from local.demo_size import read_size
from local.demo_summary import show_cards, show_files, show_next, show_table
from local.deployment import client
from local.errors import WrongSettings
from local.settings import Settings, read_settings
from local.steps import console, step
from local.watch import Watcher


def main() -> int:
    stopped = "\nStopped watching. If the stack is up, its orders go on; `make down` stops it."
    return exit_code(lambda: run(*read_environment()), stopped)


def read_environment() -> tuple[Settings, int | None]:
    """The stack's settings and CARDS, every problem of both at once."""
    problems: list[str] = []
    size = None
    try:
        size = read_size(os.environ)
    except WrongSettings as error:
        problems += error.problems
    try:
        settings = read_settings(os.environ)
    except WrongSettings as error:
        raise WrongSettings([*problems, *error.problems]) from error
    if problems:
        raise WrongSettings(problems)
    return settings, size


def run(settings: Settings, size: int | None) -> int:
    """0 where every order is complete and the supplier's ledger agrees."""
    outputs = stack.up(settings)
    run_name = datetime.now().strftime("%y%m%d-%H%M%S")  # noqa: DTZ005  # the person's own clock, to tell runs apart
    files = sample_files(run_name) if size is None else [generated_file(size, run_name)]
    console.print()
    with step(f"Dropping {said_files(files)} in the drop bucket"):
        drop(files, outputs, settings)
    with closing(Door(outputs["ApiUrl"], outputs["Token"])) as door:
        sights = Watcher(door, client(settings, "s3"), outputs, settings.wait_scale).watch(files)
    return finish(files, sights, outputs, settings)


def said_files(files: list[DroppedFile]) -> str:
    return "1 file" if len(files) == 1 else f"{len(files)} files"


def finish(files: list[DroppedFile], sights: list[Sight], outputs: dict[str, str], settings: Settings) -> int:
    """What came of the orders: the table, the files, the cards, the supplier's view."""
    closed = [(file, sight) for file, sight in zip(files, sights, strict=True) if sight.answer]
    results = [read_result(file, sight.answer) for file, sight in closed if sight.answer and sight.answer.files]
    show_table(results)
    is_agreed = show_ledger(results, settings)
    show_files(results, outputs)
    show_cards(results)
    problems = [problem for sight in sights for problem in sight.problems]
    problems += [problem for result in results for problem in result.problems]
    for problem in problems:
        console.print(f"[red]✗[/] {problem}")
    show_next(files, outputs, settings)
    return 0 if is_agreed and not problems else 1


def show_ledger(results: list[Result], settings: Settings) -> bool:
    """What the supplier itself says was bought; True where nobody can be asked."""
    sandbox = suppliers.running(settings)
    if settings.wpay_base_url or not sandbox or not results:
        return True
    comparison = compare(results, f"http://127.0.0.1:{sandbox.port}")
    for difference in comparison.differences:
        console.print(f"[red]✗ The supplier's ledger disagrees:[/] {difference}")
    if not comparison.differences:
        console.print(f"[green]✓[/] The supplier's ledger agrees: {comparison.agreed}.")
    return not comparison.differences


if __name__ == "__main__":
    sys.exit(main())
