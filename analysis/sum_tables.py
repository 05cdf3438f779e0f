"""Tables of sums: rows are added to, and taken from, without being read first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from analysis.models import SUM_FIELDS

COUNTS = ("n", *SUM_FIELDS)

Rows = Mapping[tuple[Any, ...], list[int]]
"""Of every key, in the order of a table's key fields, what `COUNTS` names."""


@dataclass(frozen=True)
class SumTable:
    """One model's table; no two rows have the same `key`."""

    model: type[models.Model]
    key: tuple[str, ...]

    def add(self, rows: Rows) -> None:
        """Add to rows, which need not be there yet."""
        names = [self._column(name) for name in (*self.key, *COUNTS)]
        added = ", ".join(f"{name} = {self._table}.{name} + excluded.{name}" for name in map(self._column, COUNTS))
        statement = (
            f"INSERT INTO {self._table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))}) "  # noqa: S608
            f"ON CONFLICT ({', '.join(map(self._column, self.key))}) DO UPDATE SET {added}"
        )
        _execute(statement, [(*self._prepared(key), *counts) for key, counts in sorted(rows.items())])

    def take(self, rows: Rows) -> bool:
        """Take from rows, and drop those that count nothing then; return whether all of them held that much."""
        columns = [self._column(name) for name in COUNTS]
        of_key = " AND ".join(f"{self._column(name)} = %s" for name in self.key)
        fewer = ", ".join(f"{name} = {name} - %s" for name in columns)
        enough = " AND ".join(f"{name} >= %s" for name in columns)
        prepared = [(self._prepared(key), counts) for key, counts in sorted(rows.items())]
        taken = _execute(
            f"UPDATE {self._table} SET {fewer} WHERE {of_key} AND {enough}",  # noqa: S608
            [(*counts, *key, *counts) for key, counts in prepared],
        )
        _execute(f"DELETE FROM {self._table} WHERE {of_key} AND n = 0", [key for key, _ in prepared])  # noqa: S608
        return taken == len(prepared)

    def _prepared(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        fields = map(self.model._meta.get_field, self.key)
        return tuple(field.get_db_prep_save(value, connection) for field, value in zip(fields, key, strict=True))

    @property
    def _table(self) -> str:
        return connection.ops.quote_name(self.model._meta.db_table)

    def _column(self, name: str) -> str:
        return connection.ops.quote_name(self.model._meta.get_field(name).column)


def _execute(statement: str, rows: list[tuple[Any, ...]]) -> int:
    """Run one statement for each row, in the keys' order: two transactions never wait for each other in a circle."""
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)
        return int(cursor.rowcount)
