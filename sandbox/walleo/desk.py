"""Everything that serving a request needs, made once for a server."""

from dataclasses import dataclass
from pathlib import Path

from sandbox.accidents import Accidents
from sandbox.clock import Clock
from sandbox.database import Database
from sandbox.settings import Settings
from sandbox.walleo.journal import Journal
from sandbox.walleo.ledger import Ledger
from sandbox.walleo.report import Report
from sandbox.walleo.traffic import Traffic

DATABASE = "walleo.sqlite"


@dataclass(frozen=True, slots=True)
class Desk:
    settings: Settings
    clock: Clock
    ledger: Ledger
    journal: Journal
    accidents: Accidents
    traffic: Traffic
    report: Report
    database: Database


def open_desk(settings: Settings, clock: Clock) -> Desk:
    schema = (Path(__file__).parent / "schema.sql").read_text(encoding="utf-8")
    database = Database(settings.state / DATABASE, schema)
    ledger = Ledger(database, settings.walleo_opening_balance)
    journal = Journal(database)
    traffic = Traffic(database, settings.walleo_rate)
    return Desk(
        settings=settings,
        clock=clock,
        ledger=ledger,
        journal=journal,
        accidents=Accidents(settings, database),
        traffic=traffic,
        report=Report(database, ledger, traffic),
        database=database,
    )
