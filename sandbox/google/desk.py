"""Everything that serving a request needs, made once for a server."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.google.shelf import Shelf
from sandbox.settings import Settings

DATABASE = "google.sqlite"


@dataclass(frozen=True, slots=True)
class Desk:
    """`public_key` is the PEM that checks what the client signs; empty: nobody can sign anything."""

    settings: Settings
    clock: Clock
    database: Database
    shelf: Shelf
    public_key: str


def open_desk(settings: Settings, clock: Clock) -> Desk:
    schema = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
    database = Database(settings.state / DATABASE, schema)
    file = settings.google_public_key
    return Desk(
        settings=settings,
        clock=clock,
        database=database,
        shelf=Shelf(database),
        public_key=file.read_text(encoding="ascii") if file else "",
    )
