"""How the demo shows its orders: a row for each in a terminal, a line for each change elsewhere."""

from dataclasses import dataclass, field
from typing import Any, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TaskID, TextColumn
from rich.text import Text

from local.demo_door import Answer
from local.demo_orders import DroppedFile


@dataclass(slots=True)
class Sight:
    """What is known of one order."""

    file: DroppedFile
    answer: Answer | None = None
    rejected: str = ""
    seconds: float = 0.0
    silent: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return bool(self.rejected) or (self.answer is not None and not self.answer.is_open)

    @property
    def words(self) -> str:
        if self.rejected:
            return "rejected"
        return self.answer.words if self.answer else "being read"

    def judge(self) -> None:
        """Whatever is not complete is a problem, and says why."""
        if self.rejected:
            self.problems.append(f"{self.file.refno}.csv was rejected, and nothing was ordered:\n{self.rejected}")
        elif self.answer and self.answer.status != "COMPLETE":
            reasons = "; ".join(self.answer.reasons) or "no lot says why"
            self.problems.append(f"{self.file.refno} is {self.answer.status}, not COMPLETE: {reasons}")


class Screen:
    """Shows sights; a context around the watching."""

    def show(self, sights: list[Sight]) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class PlainScreen(Screen):
    """A line on each change of state: for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._shown: dict[str, str] = {}

    def show(self, sights: list[Sight]) -> None:
        for sight in sights:
            refno = sight.file.refno
            if self._shown.get(refno) != sight.words:
                self._shown[refno] = sight.words
                self._console.print(f"{sight.seconds:6.1f} s  {refno}  {sight.words}{said_cards(sight.answer)}")


def said_cards(answer: Answer | None) -> str:
    return f", {answer.received:,} of {answer.ordered:,} cards" if answer else ""


class LiveScreen(Screen):
    """A row for each order, redrawn as it moves."""

    def __init__(self, console: Console, sights: list[Sight]) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            TextColumn("{task.fields[words]}", style="cyan"),
            BarColumn(bar_width=9),
            CardsColumn(),
            TextColumn("{task.fields[seconds]:5.1f} s", style="dim"),
            console=console,
        )
        self._tasks: dict[str, TaskID] = {
            sight.file.refno: self._progress.add_task(sight.file.refno, total=None, words=f"{'':20}", seconds=0.0)
            for sight in sights
        }

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def show(self, sights: list[Sight]) -> None:
        for sight in sights:
            received, ordered = (sight.answer.received, sight.answer.ordered) if sight.answer else (0, None)
            self._progress.update(
                self._tasks[sight.file.refno],
                completed=received,
                total=0 if sight.rejected else ordered,
                words=f"{sight.words:<20}",
                seconds=sight.seconds,
            )


class CardsColumn(ProgressColumn):
    """Received of ordered, once it is known how many were ordered."""

    def render(self, task: Any) -> Text:
        counted = f"{int(task.completed):,}/{int(task.total):,}" if task.total else ""
        return Text(f"{counted:>13}")
