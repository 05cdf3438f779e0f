"""All data of a user as a zip archive, written while it is downloaded."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import AccountDeletion, ApiToken, Invitation, User
from accounts.security.models import SecurityEvent
from analysis import models as analysis
from analysis.audit.services import entries_about
from analysis.emotion_fields import PROBABILITY_FIELDS, EmotionFields
from analysis.face_columns import doubts_of, escape_formula
from analysis.files.zip_stream import ArchiveFile, archive_name, stored_chunks, stream_zip, write_zip
from ferproject.languages import written_for
from training.models import RunContribution, TrainingRun, VersionTransfer

BATCH_SIZE = 1000
README = (
    _("This archive holds everything the site stores about you."),
    _("The files in data/ hold the same rows as JSON and as CSV, one file for each kind. Times are in UTC."),
    _("photos/ holds your photos as they are stored. videos/ holds your annotated videos."),
    _("The site does not store frames of your camera, face embeddings or landmarks, so they are not in this archive."),
    _("For security, the hashes of your password and tokens and the secrets of your second steps are left out."),
)
"""Paragraphs about the archive."""


@dataclass(frozen=True)
class Table:
    """A user's rows of one model, without the columns in `secret`; faces' also with `is_uncertain` and `doubts`."""

    name: str
    rows: Callable[[User], QuerySet[Any]]
    secret: frozenset[str] = field(default=frozenset())

    def columns(self, user: User) -> list[str]:
        """Return the names of a row's values."""
        return [*self._stored(user), *(("is_uncertain", "doubts") if self._has_faces(user) else ())]

    def _stored(self, user: User) -> list[str]:
        fields = self.rows(user).model._meta.concrete_fields
        return [column.attname for column in fields if column.attname not in self.secret]

    def _has_faces(self, user: User) -> bool:
        return issubclass(self.rows(user).model, EmotionFields)

    def read_batches(self, user: User) -> Iterator[list[dict[str, Any]]]:
        """Yield rows ordered by primary key; each batch is one query, so that slow clients keep none open."""
        rows, columns, last = self.rows(user).order_by("pk"), self._stored(user), None
        has_faces = self._has_faces(user)
        while batch := list(
            (rows.filter(pk__gt=last) if last is not None else rows).values("pk", *columns)[:BATCH_SIZE]
        ):
            last = batch[-1]["pk"]
            yield [
                {column: row[column] for column in columns} | (_judgement(row) if has_faces else {}) for row in batch
            ]


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
    Table("second_factors", lambda user: Authenticator.objects.filter(user=user), frozenset({"data"})),
    Table("sign_ins", lambda user: UserSession.objects.filter(user=user), frozenset({"session_key"})),
    Table("security_events", lambda user: SecurityEvent.objects.of(user)),
    Table("consents", lambda user: analysis.Consent.objects.filter(user=user)),
    Table("photos", lambda user: analysis.Photo.objects.filter(owner=user)),
    Table("results", lambda user: analysis.Analysis.objects.filter(photo__owner=user)),
    Table("faces", lambda user: analysis.Face.objects.included().owned_by(user)),
    Table("corrections", lambda user: analysis.Correction.objects.filter(by=user)),
    Table("sessions", lambda user: analysis.Session.objects.filter(owner=user)),
    Table("names_of_faces", lambda user: analysis.FaceName.objects.filter(session__owner=user)),
    Table("samples", lambda user: analysis.Sample.objects.filter(session__owner=user)),
    Table("videos", lambda user: analysis.Video.objects.filter(owner=user)),
    Table("history_sums", lambda user: analysis.HistorySum.objects.filter(owner=user)),
    Table("history_rollups", lambda user: analysis.HistoryRollup.objects.filter(owner=user)),
    Table("albums_and_tags", lambda user: analysis.Collection.objects.filter(owner=user)),
    Table(
        "photos_in_albums_and_tags",
        lambda user: analysis.Collection.photos.through._default_manager.filter(collection__owner=user),
    ),
    Table(
        "sessions_in_albums_and_tags",
        lambda user: analysis.Collection.sessions.through._default_manager.filter(collection__owner=user),
    ),
    Table("album_sums", lambda user: analysis.CollectionSum.objects.filter(owner__owner=user)),
    Table("album_rollups", lambda user: analysis.CollectionRollup.objects.filter(owner__owner=user)),
    Table("bulk_actions", lambda user: analysis.BulkJob.objects.filter(owner=user)),
    Table("pending_deletions", lambda user: analysis.PendingDeletion.objects.filter(job__owner=user)),
    Table("reanalyses", lambda user: analysis.ReanalysisJob.objects.filter(owner=user)),
    Table("uploads_by_key", lambda user: analysis.IdempotencyKey.objects.filter(owner=user)),
    Table("links", lambda user: analysis.SharedLink.objects.filter(owner=user), frozenset({"token_hash", "password"})),
    Table("webhooks", lambda user: analysis.Webhook.objects.filter(owner=user), frozenset({"secret"})),
    Table(
        "webhook_deliveries",
        lambda user: analysis.WebhookDelivery.objects.filter(webhook__owner=user, webhook__is_site=False),
    ),
    Table("what_you_did", lambda user: analysis.AuditEntry.objects.filter(actor=user)),
    Table("who_looked_at_you", entries_about),
    Table("trainings_you_started", lambda user: TrainingRun.objects.filter(created_by=user)),
    Table(
        "version_transfers_you_started",
        lambda user: VersionTransfer.objects.filter(created_by=user),
        frozenset({"token"}),
    ),
    Table("trainings_from_your_corrections", lambda user: RunContribution.objects.filter(user=user)),
)


def write_takeout(user: User) -> Iterator[bytes]:
    """Yield the archive in chunks; at most one batch of rows or one chunk of a file is in memory."""
    yield from write_zip(_archive_files(user))


async def stream_takeout(user: User) -> AsyncIterator[bytes]:
    """Yield the chunks of `write_takeout`, each made in a thread when the client is ready for it."""
    async for chunk in stream_zip(_archive_files(user)):
        yield chunk


def _archive_files(user: User) -> Iterator[ArchiveFile]:
    with written_for(user):
        readme = "\n\n".join(map(str, README)) + "\n"
    yield ArchiveFile("README.txt", [readme.encode()])
    for table in TABLES:
        for extension, texts in (("json", _json(table, user)), ("csv", _csv(table, user))):
            yield ArchiveFile(f"data/{table.name}.{extension}", (text.encode() for text in texts))
    for name, stored in _files(user):
        # One that was deleted by the retention time with scores kept, or since it was listed, is left out.
        yield ArchiveFile(name, stored_chunks(stored), is_compressed=True)


def _judgement(row: dict[str, Any]) -> dict[str, Any]:
    doubts = doubts_of([row[column] for column in PROBABILITY_FIELDS], row.get("picture_doubts", ""))
    return {"is_uncertain": bool(doubts), "doubts": doubts}


def _json(table: Table, user: User) -> Iterator[str]:
    separator = "["
    for batch in table.read_batches(user):
        lines = (json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) for row in batch)
        yield separator + "\n" + ",\n".join(lines)
        separator = ","
    yield "[]\n" if separator == "[" else "\n]\n"


def _csv(table: Table, user: User) -> Iterator[str]:
    yield _csv_lines([table.columns(user)])
    for batch in table.read_batches(user):
        yield _csv_lines([_csv_cell(value) for value in row.values()] for row in batch)


def _csv_lines(rows: Iterable[Iterable[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue()


def _csv_cell(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = " ".join(value)
    elif isinstance(value, dict | list):
        value = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    elif hasattr(value, "isoformat"):
        value = value.isoformat()
    return escape_formula(value) if isinstance(value, str) else value


def _files(user: User) -> Iterator[tuple[str, str]]:
    """Yield each file's name in the archive and its name in the storage."""
    photos = Table("", lambda owner: analysis.Photo.objects.filter(owner=owner))
    videos = Table("", lambda owner: analysis.Video.objects.filter(owner=owner).exclude(annotated=""))
    for table, kind, column in ((photos, "photo", "picture"), (videos, "video", "annotated")):
        for batch in table.read_batches(user):
            for row in batch:
                stored = row[column]
                yield (
                    archive_name(kind=kind, name=row["name"], moment=row["created_at"], pk=row["id"], stored=stored),
                    stored,
                )
