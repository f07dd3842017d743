"""One calm line a step, with the seconds that it took."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

console = Console(highlight=False, soft_wrap=True)


@contextmanager
def step(doing: str) -> Iterator[None]:
    """Show what is being done, and then how long it took."""
    began = time.monotonic()
    try:
        with console.status(f"{doing} …"):
            yield
    except BaseException:
        console.print(f"[red]✗[/] {doing}")
        raise
    console.print(f"[green]✓[/] {doing:<42}[dim]{time.monotonic() - began:6.1f} s[/]")
