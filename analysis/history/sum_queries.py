"""Spans of time summed up in the database: of a year hundreds of rows are read, and few leave it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from analysis.history.models import SUM_FIELDS, HistoryRollup, HistorySum
from analysis.history.time_buckets import Span, pieces
from analysis.recognition.emotions import EMOTIONS

_INDEX = {str(emotion): index for index, emotion in enumerate(EMOTIONS)}
_COUNTS = ("n", *SUM_FIELDS)
_QUARTERS = 1


@dataclass(frozen=True, slots=True)
class Row:
    """The sums of one source, emotion and model version in one span: how many, and of the seven probabilities.

    `span` and `emotion` are numbers: the position of the span among those asked for, and in `EMOTIONS`.
    """

    span: int
    source: str
    emotion: int
    model: str
    values: tuple[int, ...]


def read_sums(*, owner: models.Model, spans: Sequence[Span], source: str | None) -> tuple[Row, ...]:
    """Return what is counted of `owner`'s faces in each span, of one source or all, in one query."""
    edges: dict[bool, list[object]] = {True: [], False: []}
    for number, span in enumerate(spans):
        for grain, piece in pieces(span):
            edges[grain == _QUARTERS] += (number, grain, _moment(piece.start), _moment(piece.end))
    parts = [_part(model, kept, owner, source) for model, kept in _tables(edges) if kept]
    sums = ", ".join(f"CAST(SUM({name}) AS bigint)" for name in _COUNTS)
    statement = (
        f"SELECT number, source, emotion, model, {sums} FROM ({' UNION ALL '.join(sql for sql, _ in parts)}) AS part "  # noqa: S608
        "GROUP BY number, source, emotion, model"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _, values in parts for value in values])
        return tuple(_row(*values) for values in cursor.fetchall())


def _tables(edges: dict[bool, list[object]]) -> Iterator[tuple[type[models.Model], list[object]]]:
    yield HistorySum, edges[True]
    yield HistoryRollup, edges[False]


def _part(
    model: type[models.Model], edges: list[object], owner: models.Model, source: str | None
) -> tuple[str, list[object]]:
    """Return SQL and parameters that join pieces of spans with the index of one table of sums."""
    is_rollup = model is HistoryRollup
    table = connection.ops.quote_name(model._meta.db_table)
    time = f"{table}.{connection.ops.quote_name('start' if is_rollup else 'quarter')}"
    kind = "timestamp with time zone" if connection.vendor == "postgresql" else "text"
    values = ", ".join([f"(%s, %s, CAST(%s AS {kind}), CAST(%s AS {kind}))"] * (len(edges) // 4))
    name = "coarse" if is_rollup else "fine"
    sums = ", ".join(f"SUM({table}.{count}) AS {count}" for count in _COUNTS)
    # CROSS JOIN keeps SQLite from reading the whole table for every piece.
    sql = (
        f"SELECT * FROM (WITH {name} (number, grain, beginning, ending) AS (VALUES {values}) "  # noqa: S608
        f"SELECT {name}.number, {table}.source, {table}.emotion, {table}.model, {sums} FROM {name} CROSS JOIN {table} "
        f"WHERE {table}.owner_id = %s {f'AND {table}.grain = {name}.grain ' if is_rollup else ''}"
        f"AND {time} >= {name}.beginning AND {time} < {name}.ending {f'AND {table}.source = %s ' if source else ''}"
        f"GROUP BY {name}.number, {table}.source, {table}.emotion, {table}.model) AS {name}_sums"
    )
    return sql, [*edges, owner.pk, *([source] if source else [])]


def _row(span: int, source: str, emotion: str, model: str, *values: Any) -> Row:
    return Row(span, source, _INDEX[emotion], model, values)


def _moment(moment: object) -> object:
    return HistorySum._meta.get_field("quarter").get_db_prep_value(moment, connection)
