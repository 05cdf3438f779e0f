"""Sums of spans of time, added up in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, models

from analysis.history.models import TOTAL_FIELDS, HistorySum
from analysis.history.sums import sum_tables_of
from analysis.history.time_buckets import Span, decompose
from analysis.recognition.emotions import EMOTIONS

_INDEX = {str(emotion): index for index, emotion in enumerate(EMOTIONS)}


@dataclass(frozen=True, slots=True)
class SumRow:
    """The `TOTAL_FIELDS` of one span, source, emotion and model version.

    `span` is the index of the span among those asked for, `emotion` that in `EMOTIONS`, as corrected or as answered.
    """

    span: int
    source: str
    emotion: int
    model: str
    totals: tuple[int, ...]


def read_sums(
    *,
    owner: models.Model,
    spans: Sequence[Span],
    source: str | None,
    as_answered: bool = False,
    by_taken: bool = False,
) -> tuple[SumRow, ...]:
    """Return the sums of the faces of `owner`, a user or an album, in each span, of one source or all, in one query.

    By the emotion as corrected, without faces of which their owner cannot tell it, or `as_answered` by the version; by
    the time when photos were added, or `by_taken` when they were taken where that is known.
    """
    emotion = "emotion" if as_answered else "corrected_emotion"
    tables = sum_tables_of(owner)
    fine, coarse = tables.quarters.model, tables.rollups.model
    pieces: dict[type[models.Model], list[object]] = {fine: [], coarse: []}
    for number, span in enumerate(spans):
        for grain, piece in decompose(span):
            table = fine if grain == 1 else coarse
            edges = map(connection.ops.adapt_datetimefield_value, (piece.start, piece.end))
            pieces[table] += (number, grain, *edges)
    selects = [
        _select(table, values, owner, source, emotion, other_clock(by_taken=by_taken), is_rollup=table is coarse)
        for table, values in pieces.items()
        if values
    ]
    sums = ", ".join(f"CAST(SUM({name}) AS bigint)" for name in TOTAL_FIELDS)
    statement = (
        f"SELECT number, source, emotion, model, {sums} FROM ({' UNION ALL '.join(sql for sql, _ in selects)}) AS part "  # noqa: S608
        "GROUP BY number, source, emotion, model"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [value for _, values in selects for value in values])
        return tuple(
            SumRow(number, source, _INDEX[emotion], model, tuple(totals))
            for number, source, emotion, model, *totals in cursor.fetchall()
        )


def other_clock(*, by_taken: bool) -> str:
    """Return the clock whose rows are not of the time asked for."""
    return str(HistorySum.Clock.ADDED if by_taken else HistorySum.Clock.TAKEN)


def _select(
    model: type[models.Model],
    pieces: list[object],
    owner: models.Model,
    source: str | None,
    emotion: str,
    other_clock: str,
    *,
    is_rollup: bool,
) -> tuple[str, list[object]]:
    """Return a SELECT that joins pieces of spans with one table of sums, and its parameters."""
    table = connection.ops.quote_name(model._meta.db_table)
    time = f"{table}.{connection.ops.quote_name('start' if is_rollup else 'quarter')}"
    kind = "timestamp with time zone" if connection.vendor == "postgresql" else "text"
    values = ", ".join([f"(%s, %s, CAST(%s AS {kind}), CAST(%s AS {kind}))"] * (len(pieces) // 4))
    name = "coarse" if is_rollup else "fine"
    totals = ", ".join(f"{table}.{field}" for field in TOTAL_FIELDS)
    condition = (
        f"{table}.owner_id = %s {f'AND {table}.grain = {name}.grain ' if is_rollup else ''}"
        f"AND {time} >= {name}.beginning AND {time} < {name}.ending {f'AND {table}.source = %s ' if source else ''}"
        f"AND {table}.{emotion} <> '' AND {table}.clock <> %s"
    )
    # Both keep the planner from reading the whole table and comparing every row with every piece: SQLite does not
    # reorder a CROSS JOIN, and PostgreSQL does not merge a LATERAL query with an OFFSET.
    rows = f"{table} WHERE {condition}"
    if connection.vendor == "postgresql":
        rows = f"LATERAL (SELECT * FROM {rows} OFFSET 0) AS {table}"  # noqa: S608
    sql = (
        f"SELECT * FROM (WITH {name} (number, grain, beginning, ending) AS (VALUES {values}) "  # noqa: S608
        f"SELECT {name}.number, {table}.source, {table}.{emotion} AS emotion, {table}.model, {totals} "
        f"FROM {name} CROSS JOIN {rows}) AS {name}_rows"
    )
    key = model._meta.get_field("owner").get_db_prep_value(owner.pk, connection)
    return sql, [*pieces, key, *([source] if source else []), other_clock]
