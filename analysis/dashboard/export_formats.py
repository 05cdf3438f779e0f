"""CSV and JSON formats of an export; docs/export.md describes them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Protocol

from asgiref.sync import sync_to_async

from analysis.dashboard.export import ExportFilter, ExportRow, export_batches
from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.recognition.emotions import EMOTIONS

COLUMNS = (
    "source",
    "time",
    "id",
    "name",
    "face",
    "emotion",
    "confidence",
    *PROBABILITY_FIELDS,
    "model",
    "correction",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class ExportFormat(Protocol):
    """A file format; times are written in `zone`."""

    content_type: str

    def head(self) -> str: ...

    def rows(self, rows: Sequence[ExportRow], zone: dt.tzinfo) -> str: ...

    def tail(self) -> str: ...


class CsvFormat:
    """A header and a line for each face (RFC 4180, UTF-8)."""

    content_type = "text/csv; charset=utf-8"

    def head(self) -> str:
        return _lines([COLUMNS])

    def rows(self, rows: Sequence[ExportRow], zone: dt.tzinfo) -> str:
        return _lines(
            (
                row.source,
                _moment(row.time, zone),
                row.id,
                escape_formula(row.name),
                row.face,
                row.emotion,
                f"{row.confidence:.6f}",
                *(f"{probability:.6f}" for probability in row.probabilities),
                escape_formula(row.model),
                row.correction or "",
            )
            for row in rows
        )

    def tail(self) -> str:
        return ""


class JsonFormat:
    """An object with a list of `faces`, one on each line."""

    content_type = "application/json"

    def __init__(self) -> None:
        self._separator = "\n"

    def head(self) -> str:
        return '{"faces": ['

    def rows(self, rows: Sequence[ExportRow], zone: dt.tzinfo) -> str:
        lines = []
        for row in rows:
            lines.append(f"{self._separator}{json.dumps(_as_object(row, zone), ensure_ascii=False)}")
            self._separator = ",\n"
        return "".join(lines)

    def tail(self) -> str:
        return "\n]}\n"


FORMATS: dict[str, type[ExportFormat]] = {"csv": CsvFormat, "json": JsonFormat}


def export_text(export_filter: ExportFilter, format: ExportFormat, zone: dt.tzinfo) -> Iterator[str]:
    """Yield the file's text batch by batch."""
    yield format.head()
    for batch in export_batches(export_filter):
        yield format.rows(batch, zone)
    yield format.tail()


async def export_stream(export_filter: ExportFilter, format: ExportFormat, zone: dt.tzinfo) -> AsyncIterator[bytes]:
    """Yield the file's bytes batch by batch; reading stops when the client disconnects."""
    batches = export_text(export_filter, format, zone)
    # Each batch is read on the request's own thread; no query stays open between two.
    while (text := await sync_to_async(next)(batches, None)) is not None:
        if text:
            yield text.encode()


def escape_formula(text: str) -> str:
    """Return text that no spreadsheet reads as a formula: with an apostrophe before a character that begins one."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _as_object(row: ExportRow, zone: dt.tzinfo) -> dict[str, Any]:
    return {
        "source": row.source,
        "time": _moment(row.time, zone),
        "id": str(row.id),
        "name": row.name,
        "face": row.face,
        "emotion": row.emotion,
        "confidence": round(row.confidence, 6),
        "probabilities": {str(e): round(p, 6) for e, p in zip(EMOTIONS, row.probabilities, strict=True)},
        "model": row.model,
        "correction": row.correction,
    }


def _moment(time: dt.datetime, zone: dt.tzinfo) -> str:
    return time.astimezone(zone).isoformat(timespec="milliseconds")


def _lines(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()
