"""One SQLite file, safe with threads."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class Database:
    """One connection behind one lock: every statement here is short, and SQLite has one writer anyway."""

    def __init__(self, path: Path, schema: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        self._connection.executescript(schema)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: object) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: object) -> sqlite3.Row | None:
        found = self.rows(sql, *values)
        return found[0] if found else None

    def value(self, sql: str, *values: object) -> Any:
        """The first column of the first row; None where there is no row."""
        found = self.row(sql, *values)
        return found[0] if found else None

    def write(self, sql: str, *values: object) -> None:
        with self._lock:
            self._connection.execute(sql, values)

    def count(self, what: str, name: str) -> int:
        """How often that has happened now, from 1; in the table `counts`."""
        sql = "INSERT INTO counts VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET n = n + 1 RETURNING n"
        return int(self.value(sql, what, name))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def __del__(self) -> None:
        """An app that is dropped closes its file; a process that is killed leaves it to SQLite's journal."""
        if hasattr(self, "_connection"):
            self._connection.close()
