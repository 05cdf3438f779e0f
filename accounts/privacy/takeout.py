"""Everything this site keeps about somebody, as one zip that is written while it is downloaded."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from asgiref.sync import sync_to_async
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts.models import AccountDeletion, ApiToken, Invitation, User
from analysis import models as analysis
from analysis.audit.services import entries_about
from analysis.dashboard.export_formats import escape_formula
from analysis.files.storage import display_name, open_file
from training.models import RunContribution, TrainingRun

PORTION = 1000
PIECE_BYTES = 256 * 1024
README = """What this site keeps about you.

data/*.json and data/*.csv hold the same rows, a file for each kind; times are in UTC.
photos/ holds your photos as they are kept, videos/ the annotated videos.

Not in here, because the site does not have it: frames of your camera, face embeddings, landmarks. Not in here,
because it would let others in: your password's and your tokens' hashes.
"""


@dataclass(frozen=True)
class Table:
    """One kind of rows: which are somebody's, and which columns let others in and stay here."""

    name: str
    rows: Callable[[User], QuerySet[Any]]
    hidden: frozenset[str] = field(default=frozenset())


TABLES = (
    Table("profile", lambda user: User.objects.filter(pk=user.pk), frozenset({"password"})),
    Table("email_addresses", lambda user: EmailAddress.objects.filter(user=user)),
    Table("deletion", lambda user: AccountDeletion.objects.filter(user=user)),
    Table(
        "invitations",
        lambda user: Invitation.objects.filter(Q(created_by=user) | Q(used_by=user)),
        frozenset({"token_hash"}),
    ),
    Table("tokens", lambda user: ApiToken.objects.filter(user=user), frozenset({"digest", "token_key"})),
    Table("consents", lambda user: analysis.Consent.objects.filter(user=user)),
    Table("photos", lambda user: analysis.Photo.objects.filter(owner=user)),
    Table("results", lambda user: analysis.Analysis.objects.filter(photo__owner=user)),
    Table("faces", lambda user: analysis.Face.objects.filter(analysis__photo__owner=user)),
    Table("corrections", lambda user: analysis.Correction.objects.filter(by=user)),
    Table("sessions", lambda user: analysis.Session.objects.filter(owner=user)),
    Table("samples", lambda user: analysis.Sample.objects.filter(session__owner=user)),
    Table("videos", lambda user: analysis.Video.objects.filter(owner=user)),
    Table("history_sums", lambda user: analysis.HistorySum.objects.filter(owner=user)),
    Table("history_rollups", lambda user: analysis.HistoryRollup.objects.filter(owner=user)),
    Table("reanalyses", lambda user: analysis.ReanalysisJob.objects.filter(owner=user)),
    Table("uploads_by_key", lambda user: analysis.IdempotencyKey.objects.filter(owner=user)),
    Table("what_you_did", lambda user: analysis.AuditEntry.objects.filter(actor=user)),
    Table("who_looked_at_you", entries_about),
    Table("trainings_you_started", lambda user: TrainingRun.objects.filter(created_by=user)),
    Table("trainings_from_your_corrections", lambda user: RunContribution.objects.filter(user=user)),
)


def takeout(user: User) -> Iterator[bytes]:
    """Yield the zip piece by piece; no more than a portion of rows or one chunk of a file is in memory at once."""
    buffer = _Pieces()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", README)
        for table in TABLES:
            for name, texts in (("json", _json(table, user)), ("csv", _csv(table, user))):
                yield from _write(archive, buffer, f"data/{table.name}.{name}", (text.encode() for text in texts))
        for name, stored in _files(user):
            try:
                file = open_file(stored)
            except FileNotFoundError:
                # Dropped to keep the scores alone, or deleted since it was listed: its row tells of it all the same.
                continue
            with file:
                # Pictures are compressed already.
                yield from _write(archive, buffer, name, file.chunks(PIECE_BYTES), zipfile.ZIP_STORED)
    yield buffer.take()


async def takeout_stream(user: User) -> AsyncIterator[bytes]:
    """Yield what `takeout` does, off the event loop; whoever stops asking stops the reading."""
    pieces = takeout(user)
    while (piece := await sync_to_async(next)(pieces, None)) is not None:
        yield piece


class _Pieces(io.RawIOBase):
    """A file that cannot be gone back in: what was written is taken away as it comes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.waiting = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        self.waiting += len(data)
        return len(data)

    def take(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts, self.waiting = [], 0
        return whole


def _write(
    archive: zipfile.ZipFile,
    buffer: _Pieces,
    name: str,
    chunks: Iterable[bytes],
    compression: int = zipfile.ZIP_DEFLATED,
) -> Iterator[bytes]:
    information = zipfile.ZipInfo(name, timezone.now().timetuple()[:6])
    information.compress_type = compression
    with archive.open(information, "w", force_zip64=True) as file:
        for chunk in chunks:
            file.write(chunk)
            if buffer.waiting >= PIECE_BYTES:
                yield buffer.take()


def _portions(table: Table, user: User) -> Iterator[list[dict[str, Any]]]:
    """Yield rows as dictionaries, by primary key: no query stays open while a slow client reads."""
    rows = table.rows(user).order_by("pk")
    columns = [column.attname for column in rows.model._meta.concrete_fields if column.attname not in table.hidden]
    last = None
    while portion := list((rows.filter(pk__gt=last) if last is not None else rows).values("pk", *columns)[:PORTION]):
        last = portion[-1]["pk"]
        yield [{column: row[column] for column in columns} for row in portion]


def _json(table: Table, user: User) -> Iterator[str]:
    between = "["
    for portion in _portions(table, user):
        lines = (json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) for row in portion)
        yield between + "\n" + ",\n".join(lines)
        between = ","
    yield "[]\n" if between == "[" else "\n]\n"


def _csv(table: Table, user: User) -> Iterator[str]:
    model: type[Model] = table.rows(user).model
    columns = [column.attname for column in model._meta.concrete_fields if column.attname not in table.hidden]
    yield _lines([columns])
    for portion in _portions(table, user):
        yield _lines([_cell(value) for value in row.values()] for row in portion)


def _lines(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        value = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    elif hasattr(value, "isoformat"):
        value = value.isoformat()
    return escape_formula(value) if isinstance(value, str) else value


def _files(user: User) -> Iterator[tuple[str, str]]:
    """Yield the name inside the zip, and the name in the storage, of each kept file."""
    photos = Table("", lambda owner: analysis.Photo.objects.filter(owner=owner))
    for portion in _portions(photos, user):
        for photo in portion:
            stem = display_name(photo["name"]).rsplit(".", 1)[0]
            yield f"photos/{photo['created_at']:%Y-%m-%d} {stem} {str(photo['id'])[:8]}.jpg", photo["picture"]
    videos = Table("", lambda owner: analysis.Video.objects.filter(owner=owner).exclude(annotated=""))
    for portion in _portions(videos, user):
        for video in portion:
            stem = display_name(video["name"], default="video").rsplit(".", 1)[0]
            yield f"videos/{video['created_at']:%Y-%m-%d} {stem} {str(video['id'])[:8]}.webm", video["annotated"]
