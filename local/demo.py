"""python -m local.demo: files of recipients become gift cards on this machine, from the drop to the money."""

import os
import sys
from contextlib import closing
from datetime import datetime

from local import stack, suppliers
from local.command import exit_code
from local.demo_door import Door
from local.demo_ledger import Ledger, judge, sold_by_none
from local.demo_lots import said
from local.demo_orders import DroppedFile, drop, generated_file, sample_files
from local.demo_results import Result, read_result
from local.demo_sandbox import Sandbox
from local.demo_screen import Sight
from local.demo_size import read_size
from local.demo_summary import show_cards, show_files, show_next, show_table, show_takeovers
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
    """0 where every order is complete and the suppliers' ledgers agree."""
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
    """What came of the orders: the table, the files, the cards, the suppliers' view."""
    closed = [(file, sight) for file, sight in zip(files, sights, strict=True) if sight.answer]
    results = [read_result(file, sight.answer) for file, sight in closed if sight.answer and sight.answer.files]
    show_table(results)
    show_takeovers(results)
    is_agreed = show_ledgers(results, settings)
    show_files(results, outputs)
    show_cards(results)
    problems = [problem for sight in sights for problem in sight.problems]
    problems += [problem for result in results for problem in result.problems]
    for problem in problems:
        console.print(f"[red]✗[/] {problem}")
    show_next(files, outputs, settings)
    return 0 if is_agreed and not problems else 1


def show_ledgers(results: list[Result], settings: Settings) -> bool:
    """What the suppliers themselves say was bought; True where nobody can be asked."""
    daemon = suppliers.running(settings)
    if not daemon or not results:
        return True
    elsewhere = {"wpay": settings.wpay_base_url, "walleo": settings.walleo_base_url}
    sellers = sorted({lot.supplier for result in results for lot in result.lots} & set(elsewhere), reverse=True)
    with closing(Sandbox(f"http://127.0.0.1:{daemon.port}")) as sandbox:
        ask = {"wpay": sandbox.wpay, "walleo": sandbox.walleo}
        ledgers = [ask[seller](results) for seller in sellers if not elsewhere[seller]]
    for seller in sellers:
        if elsewhere[seller]:
            console.print(f"[dim]{said(seller)} is not the sandbox's: its ledger is not compared.[/]")
    unsold = sold_by_none(ledgers, results) if len(ledgers) == len(sellers) else 0
    if unsold:
        console.print(f"[red]✗[/] {unsold:,} cards were delivered that are in no supplier's ledger")
    agreed = [agrees(ledger, results) for ledger in ledgers]
    return all(agreed) and not unsold


def agrees(ledger: Ledger, results: list[Result]) -> bool:
    """One ledger in one line, or a line for each difference."""
    judge(ledger, results)
    for difference in ledger.differences:
        console.print(f"[red]✗ {said(ledger.supplier)}'s own ledger disagrees:[/] {difference}")
    if not ledger.differences:
        console.print(f"[green]✓[/] {said(ledger.supplier)}'s own ledger agrees: {ledger.said}.")
    return not ledger.differences


if __name__ == "__main__":
    sys.exit(main())
