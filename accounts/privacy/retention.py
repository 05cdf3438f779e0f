"""How long what somebody adds is kept: their choice, and the daily purge that follows it."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.management import call_command
from django.db.models import Model, QuerySet, Sum
from django.utils import timezone

from accounts.errors import AccountsError
from accounts.models import RETENTION_CHOICES, Purge, User
from analysis.photos.models import Photo
from analysis.photos.services import delete_photo_files, delete_photos
from analysis.sessions.models import Session
from analysis.sessions.services import delete_sessions
from analysis.videos.models import Video
from analysis.videos.services import delete_video, drop_annotated

PORTION = 500
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Due:
    """What of one person's is older than they want it kept; `keep_scores`: the pictures alone go."""

    user: User
    keep_scores: bool
    photos: QuerySet[Photo]
    sessions: QuerySet[Session]
    videos: QuerySet[Video]


@dataclass(frozen=True)
class Purged:
    """How many of one person's photos, live sessions and videos go or went, and the bytes of their files.

    `keep_scores`: of photos and videos the pictures alone.
    """

    user: User
    keep_scores: bool
    photos: int
    sessions: int
    videos: int
    bytes: int

    @property
    def is_nothing(self) -> bool:
        return not (self.photos or self.sessions or self.videos)


def choose_retention(*, user: User, days: int | None, keep_scores: bool) -> None:
    """Keep what somebody adds for so many days, or with None for ever; the next purge follows it."""
    _check_days(days)
    user.retention_days, user.keep_scores = days, keep_scores
    user.save(update_fields=["retention_days", "keep_scores"])


def plan_choice(*, user: User, days: int | None, keep_scores: bool, now: dt.datetime | None = None) -> Purged | None:
    """Return what a purge would remove now if somebody chose so, or None; nothing is chosen or removed."""
    _check_days(days)
    if days is None:
        return None
    found = _count(_due_of(user, days=days, keep_scores=keep_scores, now=now or timezone.now()))
    return None if found.is_nothing else found


def _check_days(days: int | None) -> None:
    if days is not None and days not in dict(RETENTION_CHOICES):
        expected = ", ".join(str(choice) for choice, _ in RETENTION_CHOICES)
        raise AccountsError("unknown_retention", f"days: expected one of {expected}, or none; got {days}")


def plan_purge(*, now: dt.datetime | None = None) -> list[Purged]:
    """Return what a purge would remove now, person by person, and remove nothing."""
    return [found for due in _due(now or timezone.now()) if not (found := _count(due)).is_nothing]


def purge(*, now: dt.datetime | None = None) -> list[Purged]:
    """Remove what is older than its owner wants it kept; return what went. Broken off, it goes on when called again.

    Where one person's things cannot be removed, the log tells why, and everybody else's are.
    """
    done = []
    for due in _due(now or timezone.now()):
        try:
            found = _count(due)
            if not found.is_nothing:
                _remove(due)
                done.append(found)
        except Exception:
            logger.exception("The things of user %s could not be purged; the next purge tries again", due.user.pk)
    return done


def purge_daily() -> bool:
    """Purge, and forget sign-ins that have expired, unless it was done today; return whether it was done now.

    The day is noted once all is done: what was broken off is gone on with at the next call, by whichever worker. Two
    of them at once do no harm.
    """
    day, began = timezone.localdate(), timezone.now()
    if Purge.objects.filter(day=day).exists():
        return False
    purge()
    call_command("clearsessions")
    Purge.objects.filter(day__lt=day - dt.timedelta(days=30)).delete()
    _, is_first = Purge.objects.get_or_create(day=day, defaults={"began_at": began})
    return is_first


def _due(now: dt.datetime) -> Iterator[Due]:
    """Yield what is due of everybody, also of those who cannot sign in; who is being deleted loses all anyway."""
    for user in User.objects.filter(retention_days__isnull=False, deletion=None).order_by("pk"):
        yield _due_of(user, days=user.retention_days, keep_scores=user.keep_scores, now=now)


def _due_of(user: User, *, days: int, keep_scores: bool, now: dt.datetime) -> Due:
    limit = now - dt.timedelta(days=days)
    photos = Photo.objects.owned_by(user).matching(end=limit)
    sessions = Session.objects.owned_by(user).live().filter(ended_at__lt=limit)
    videos = Video.objects.owned_by(user).filter(ended_at__lt=limit)
    if keep_scores:
        photos, sessions = photos.with_picture(), sessions.none()
        videos = videos.exclude(annotated="")
    return Due(user, keep_scores, photos, sessions, videos)


def _count(due: Due) -> Purged:
    size = due.photos.aggregate(total=Sum("bytes"))["total"] or 0
    size += due.videos.aggregate(total=Sum("annotated_bytes"))["total"] or 0
    return Purged(due.user, due.keep_scores, due.photos.count(), due.sessions.count(), due.videos.count(), size)


def _remove(due: Due) -> None:
    """A portion at a time, so that nobody waits long for the database; each portion whole or not at all."""
    while ids := _first(due.photos):
        if due.keep_scores:
            delete_photo_files(photos=Photo.objects.filter(pk__in=ids))
        else:
            delete_photos(owner=due.user, ids=ids)
    while ids := _first(due.sessions):
        delete_sessions(owner=due.user, ids=ids)
    for video in due.videos:
        drop_annotated(video=video) if due.keep_scores else delete_video(video=video)


def _first(rows: QuerySet[Model]) -> list[object]:
    return list(rows.values_list("pk", flat=True)[:PORTION])
