"""CSV and JSON formats of an export; docs/export.md describes them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from asgiref.sync import sync_to_async

from analysis.dashboard.export import ExportFilter, ExportRow, export_batches
from analysis.face_columns import FACE_COLUMNS, escape_formula, face_cells, face_object

COLUMNS = (
    "source",
    "time",
    "id",
    "name",
    "face",
    *FACE_COLUMNS,
    "model",
    "correction",
    "corrected_emotion",
    "is_marked",
    "unit",
    "taken",
)


@dataclass(frozen=True)
class ExportFormat:
    """A file format; `write` yields the file's text batch by batch, with times in the time zone given."""

    content_type: str
    write: Callable[[Iterable[list[ExportRow]], dt.tzinfo], Iterator[str]]


def _write_csv(batches: Iterable[list[ExportRow]], zone: dt.tzinfo) -> Iterator[str]:
    """Yield a header and a line for each face (RFC 4180)."""
    yield _csv_lines([COLUMNS])
    for batch in batches:
        yield _csv_lines(
            (
                row.source,
                _format_time(row.time, zone),
                row.id,
                escape_formula(row.name),
                row.face,
                *face_cells(**row.columns),
                escape_formula(row.model),
                row.correction or "",
                row.corrected_emotion,
                str(row.is_marked).lower(),
                row.unit,
                _format_time(row.taken, zone) if row.taken else "",
            )
            for row in batch
        )


def _write_json(batches: Iterable[list[ExportRow]], zone: dt.tzinfo) -> Iterator[str]:
    """Yield an object with a list of `faces`, one on each line."""
    yield '{"faces": ['
    separator = "\n"
    for batch in filter(None, batches):
        yield separator + ",\n".join(json.dumps(_as_object(row, zone), ensure_ascii=False) for row in batch)
        separator = ",\n"
    yield "\n]}\n"


FORMATS = {
    "csv": ExportFormat("text/csv; charset=utf-8", _write_csv),
    "json": ExportFormat("application/json", _write_json),
}


def export_text(export_filter: ExportFilter, format: str, zone: dt.tzinfo) -> Iterator[str]:
    """Return the text of the file, in batches."""
    return FORMATS[format].write(export_batches(export_filter), zone)


async def export_stream(export_filter: ExportFilter, format: str, zone: dt.tzinfo) -> AsyncIterator[bytes]:
    """Yield the file's bytes batch by batch; reading stops when the client disconnects."""
    batches = export_text(export_filter, format, zone)
    # Each batch is read on the request's own thread; no query stays open between two.
    while (text := await sync_to_async(next)(batches, None)) is not None:
        if text:
            yield text.encode()


def _as_object(row: ExportRow, zone: dt.tzinfo) -> dict[str, Any]:
    return {
        "source": row.source,
        "time": _format_time(row.time, zone),
        "id": str(row.id),
        "name": row.name,
        "face": row.face,
        **face_object(**row.columns),
        "model": row.model,
        "correction": row.correction,
        "corrected_emotion": row.corrected_emotion or None,
        "is_marked": row.is_marked,
        "unit": row.unit,
        "taken": _format_time(row.taken, zone) if row.taken else None,
    }


def _format_time(time: dt.datetime, zone: dt.tzinfo) -> str:
    return time.astimezone(zone).isoformat(timespec="milliseconds")


def _csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
