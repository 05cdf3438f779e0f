"""How long what somebody adds is kept: their choice, and the daily purge that follows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Model, QuerySet, Sum
from django.utils import timezone

from accounts.errors import AccountsError
from accounts.models import RETENTION_CHOICES, Purge, User
from analysis.models import Photo, Session, Video
from analysis.services import delete_photos, drop_pictures
from analysis.session_edits import delete_sessions
from analysis.videos import delete_video, drop_annotated

PORTION = 500


@dataclass(frozen=True)
class Due:
    """What of one person's is older than they want it kept; `keep_scores`: the pictures alone go."""

    user: User
    photos: QuerySet[Photo]
    sessions: QuerySet[Session]
    videos: QuerySet[Video]


@dataclass(frozen=True)
class Purged:
    """How many of one person's photos, live sessions and videos go or went, and the bytes of their files."""

    user: User
    photos: int
    sessions: int
    videos: int
    bytes: int

    @property
    def is_nothing(self) -> bool:
        return not (self.photos or self.sessions or self.videos)


def choose_retention(*, user: User, days: int | None, keep_scores: bool) -> None:
    """Keep what somebody adds for so many days, or with None for ever; the next purge follows it."""
    if days is not None and days not in dict(RETENTION_CHOICES):
        expected = ", ".join(str(choice) for choice, _ in RETENTION_CHOICES)
        raise AccountsError("unknown_retention", f"days: expected one of {expected}, or none; got {days}")
    user.retention_days, user.keep_scores = days, keep_scores
    user.save(update_fields=["retention_days", "keep_scores"])


def plan_purge(*, now: dt.datetime | None = None) -> list[Purged]:
    """Return what a purge would remove now, person by person, and remove nothing."""
    return [found for due in _due(now or timezone.now()) if not (found := _count(due)).is_nothing]


def purge(*, now: dt.datetime | None = None) -> list[Purged]:
    """Remove what is older than its owner wants it kept; return what went. Broken off, it goes on when called again."""
    done = []
    for due in _due(now or timezone.now()):
        found = _count(due)
        if not found.is_nothing:
            _remove(due)
            done.append(found)
    return done


def purge_daily() -> bool:
    """Purge, once a day, whichever of the workers comes first; return whether it was this one."""
    day = timezone.localdate()
    try:
        with transaction.atomic():
            Purge.objects.create(day=day)
    except IntegrityError:
        return False
    Purge.objects.filter(day__lt=day - dt.timedelta(days=30)).delete()
    purge()
    return True


def _due(now: dt.datetime) -> Iterator[Due]:
    for user in User.objects.filter(retention_days__isnull=False, is_active=True).order_by("pk"):
        limit = now - dt.timedelta(days=user.retention_days)
        photos = Photo.objects.owned_by(user).between(None, limit)
        sessions = Session.objects.owned_by(user).live().filter(ended_at__lt=limit)
        videos = Video.objects.owned_by(user).ended_before(limit)
        if user.keep_scores:
            photos, sessions = photos.with_picture(), sessions.none()
            videos = videos.exclude(annotated="")
        yield Due(user, photos, sessions, videos)


def _count(due: Due) -> Purged:
    size = due.photos.aggregate(total=Sum("bytes"))["total"] or 0
    size += due.videos.aggregate(total=Sum("annotated_bytes"))["total"] or 0
    return Purged(due.user, due.photos.count(), due.sessions.count(), due.videos.count(), size)


def _remove(due: Due) -> None:
    """A portion at a time, so that nobody waits long for the database; each portion whole or not at all."""
    while ids := _first(due.photos):
        if due.user.keep_scores:
            drop_pictures(photos=Photo.objects.filter(pk__in=ids))
        else:
            delete_photos(owner=due.user, ids=ids)
    while ids := _first(due.sessions):
        delete_sessions(owner=due.user, ids=ids)
    for video in due.videos:
        drop_annotated(video=video) if due.user.keep_scores else delete_video(video=video)


def _first(rows: QuerySet[Model]) -> list[object]:
    return list(rows.values_list("pk", flat=True)[:PORTION])
