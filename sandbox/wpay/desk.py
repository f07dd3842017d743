"""Everything that serving a request needs, made once for a server."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.accidents import Accidents
from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.settings import Settings
from sandbox.wpay.journal import Journal
from sandbox.wpay.ledger import Ledger
from sandbox.wpay.report import Report

DATABASE = "wpay.sqlite"


@dataclass(frozen=True, slots=True)
class Desk:
    settings: Settings
    clock: Clock
    ledger: Ledger
    journal: Journal
    accidents: Accidents
    report: Report
    database: Database


def open_desk(settings: Settings, clock: Clock) -> Desk:
    schema = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
    database = Database(settings.state / DATABASE, schema)
    ledger = Ledger(database, settings.opening_balance)
    return Desk(
        settings=settings,
        clock=clock,
        ledger=ledger,
        journal=Journal(database),
        accidents=Accidents(settings, database),
        report=Report(database, ledger),
        database=database,
    )
