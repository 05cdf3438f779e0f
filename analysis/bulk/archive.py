"""Photos, sessions or videos as a zip archive, written while it is downloaded."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import StreamingHttpResponse
from django.utils import timezone

from analysis.audit.services import record_own_export
from analysis.bulk.models import BulkJob
from analysis.files.export_turns import export_in_turn
from analysis.files.zip_stream import ArchiveFile, archive_name, stored_chunks, stream_zip
from analysis.photos.models import Photo
from analysis.sessions.csv_export import csv_chunks
from analysis.sessions.models import Session
from analysis.videos.models import Video

_BATCH = 200


def send_archive(job: BulkJob) -> StreamingHttpResponse:
    """Stream the archive of a job's items, and record it in the audit log."""
    record_own_export(actor=job.owner, subject=f"their own {job.kind} ({job.total})")
    name = f"{job.kind} {timezone.localdate():%Y-%m-%d}.zip"
    return StreamingHttpResponse(
        export_in_turn(job.owner_id, stream_zip(archive_files(job))),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"},
    )


def archive_files(job: BulkJob) -> Iterator[ArchiveFile]:
    """Yield photos as they are stored, sessions' seconds as CSV, and of a video both that and the annotated video."""
    for start in range(0, len(job.ids), _BATCH):
        ids = job.ids[start : start + _BATCH]
        if job.kind == BulkJob.Kind.PHOTOS:
            yield from _photos(job, ids)
        elif job.kind == BulkJob.Kind.VIDEOS:
            yield from _videos(job, ids)
        else:
            for session in Session.objects.owned_by(job.owner).filter(pk__in=ids).newest_first():
                yield _seconds(session)


def _photos(job: BulkJob, ids: list[str]) -> Iterator[ArchiveFile]:
    for photo in Photo.objects.owned_by(job.owner).filter(pk__in=ids).with_picture().newest_first():
        yield _stored("photo", photo.name, photo, photo.picture.name)


def _videos(job: BulkJob, ids: list[str]) -> Iterator[ArchiveFile]:
    videos = Video.objects.owned_by(job.owner).filter(pk__in=ids).select_related("session").newest_first()
    for video in videos:
        if video.annotated:
            yield _stored("video", video.name, video, video.annotated.name)
        if video.session is not None:
            yield _seconds(video.session)


def _stored(kind: str, name: str, row: Photo | Video, stored: str) -> ArchiveFile:
    file = archive_name(kind=kind, name=name, moment=row.created_at, pk=row.pk, stored=stored)
    # Pictures and videos are compressed already.
    return ArchiveFile(file, stored_chunks(stored), is_compressed=True)


def _seconds(session: Session) -> ArchiveFile:
    # With a suffix: what follows a full stop of the name is taken for one.
    name = archive_name(
        kind="session", name=f"{session.name}.csv", moment=session.started_at, pk=session.pk, stored="session.csv"
    )
    return ArchiveFile(name, csv_chunks(session))
