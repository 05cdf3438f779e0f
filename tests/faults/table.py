"""Rows of the fault matrix, and how they are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

MAX_PHOTO_SECONDS, MAX_FRAME_SECONDS = 2.0, 0.5


@dataclass(frozen=True)
class Row:
    """What the site did under one kind of attack or fault.

    `tried` requests, connections or kills; `refused` of them with an error that says why; `server_errors` responses
    of 500 and more but 503 and 507; `lost` uploads that were acknowledged and are gone; `orphans` files or rows
    without their other half after a sweep; `worst_wait_seconds` the longest that another person waited meanwhile for a
    photo's result, `worst_frame_seconds` for a live frame's, `recovery_seconds` how long what was killed took until all
    was served again, once it was started; None where nothing was measured.
    """

    name: str
    tried: int
    refused: int = 0
    server_errors: int = 0
    lost: int = 0
    orphans: int = 0
    worst_wait_seconds: float | None = None
    worst_frame_seconds: float | None = None
    recovery_seconds: float | None = None

    @property
    def is_sound(self) -> bool:
        """Whether nothing failed, was lost or was left behind."""
        return not (self.server_errors or self.lost or self.orphans)

    @property
    def is_in_time(self) -> bool:
        """Whether nobody waited for too long."""
        photo, frame = self.worst_wait_seconds or 0, self.worst_frame_seconds or 0
        return photo <= MAX_PHOTO_SECONDS and frame <= MAX_FRAME_SECONDS


ALLOWED_ERRORS = {503, 507}
"""Statuses from 500 on that a client can act on; others count as `server_errors`."""


def is_server_error(status: int) -> bool:
    """Return whether a response's status counts as a server error."""
    return status >= 500 and status not in ALLOWED_ERRORS


def format_table(rows: Sequence[Row]) -> str:
    """Return the rows as a table of text, with a header and without columns in which nothing was measured."""
    names = [field.name for field in fields(Row) if any(getattr(row, field.name) is not None for row in rows)]
    header = [name.replace("_", " ") for name in names]
    body = [[_cell(getattr(row, name)) for name in names] for row in rows]
    widths = [max(len(line[column]) for line in [header, *body]) for column in range(len(header))]
    aligned = [
        [
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in [header, *body]
    ]
    return "\n".join("  ".join(line).rstrip() for line in aligned)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.2f}" if isinstance(value, float) else str(value)
