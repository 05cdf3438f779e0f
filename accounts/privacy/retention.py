"""Retention times: each user's choice, and the daily purge of what is older."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.management import call_command
from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext

from accounts.errors import AccountsError
from accounts.models import RETENTION_CHOICES, Purge, User
from accounts.privacy.deletion import delete_content, first_ids
from accounts.security.models import SecurityEvent
from analysis.files.storage import is_storage_reachable
from analysis.photos.models import Photo
from analysis.photos.services import delete_photo_files
from analysis.sessions.models import Session
from analysis.sharing.models import SharedLink
from analysis.videos.models import Video
from analysis.videos.services import drop_annotated
from training.runs.queue import sweep_checkpoints

PURGES_KEPT = dt.timedelta(days=30)
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class PurgeCounts:
    """Numbers of a user's purged photos, live sessions and videos, and the bytes of their files.

    With `keep_scores`, only the files of photos and videos are deleted.
    """

    user: User
    keep_scores: bool
    photos: int
    sessions: int
    videos: int
    bytes: int

    def __bool__(self) -> bool:
        return bool(self.photos or self.sessions or self.videos)


@dataclass(frozen=True)
class Expired:
    """A user's rows that are older than the retention time."""

    user: User
    keep_scores: bool
    photos: QuerySet[Photo]
    sessions: QuerySet[Session]
    videos: QuerySet[Video]

    @classmethod
    def of(cls, user: User, *, days: int, keep_scores: bool, now: dt.datetime) -> Expired:
        limit = now - dt.timedelta(days=days)
        photos = Photo.objects.owned_by(user).matching(end=limit)
        sessions = Session.objects.owned_by(user).live().filter(ended_at__lt=limit)
        videos = Video.objects.owned_by(user).filter(ended_at__lt=limit)
        if keep_scores:
            photos, sessions, videos = photos.with_picture(), sessions.none(), videos.exclude(annotated="")
        return cls(user, keep_scores, photos, sessions, videos)

    def count(self) -> PurgeCounts:
        size = self.photos.aggregate(total=Sum("bytes"))["total"] or 0
        size += self.videos.aggregate(total=Sum("annotated_bytes"))["total"] or 0
        counts = self.photos.count(), self.sessions.count(), self.videos.count()
        return PurgeCounts(self.user, self.keep_scores, *counts, size)

    def delete(self) -> None:
        """Delete the rows, or with `keep_scores` the files, in batches that lock the database for a short time only."""
        if not self.keep_scores:
            delete_content(owner=self.user, photos=self.photos, sessions=self.sessions, videos=self.videos)
            return
        while ids := first_ids(self.photos):
            delete_photo_files(photos=Photo.objects.filter(pk__in=ids))
        for video in self.videos:
            drop_annotated(video=video)


def set_retention(*, user: User, days: int | None, keep_scores: bool) -> None:
    """Set a user's retention time, None for unlimited; raises `AccountsError` of code "unknown_retention"."""
    _check_days(days)
    user.retention_days, user.keep_scores = days, keep_scores
    user.save(update_fields=["retention_days", "keep_scores"])


def plan_retention(
    *, user: User, days: int | None, keep_scores: bool, now: dt.datetime | None = None
) -> PurgeCounts | None:
    """Return what a purge would delete with this retention time, None if nothing; changes nothing."""
    _check_days(days)
    if days is None:
        return None
    return Expired.of(user, days=days, keep_scores=keep_scores, now=now or timezone.now()).count() or None


def _check_days(days: int | None) -> None:
    if days is not None and days not in dict(RETENTION_CHOICES):
        expected = ", ".join(str(choice) for choice, _ in RETENTION_CHOICES)
        message = gettext("days: expected one of %(expected)s, or none; got %(value)s.")
        raise AccountsError("unknown_retention", message % {"expected": expected, "value": days})


def plan_purge(*, now: dt.datetime | None = None) -> list[PurgeCounts]:
    """Return what a purge would delete, by user; deletes nothing."""
    return [counts for expired in _all_expired(now) if (counts := expired.count())]


def purge(*, now: dt.datetime | None = None) -> list[PurgeCounts]:
    """Delete what is older than its owner's retention time; return what was deleted, by user.

    An error with one user's rows is logged and does not affect the other users.
    """
    purged = []
    for expired in _all_expired(now):
        try:
            if counts := expired.count():
                expired.delete()
                purged.append(counts)
        except Exception:
            logger.exception("Rows of user %s could not be purged; the next purge tries again", expired.user.pk)
    return purged


def purge_daily() -> bool:
    """Purge, and delete expired sign-ins, security events and orphaned files once a day; return whether this call did.

    The day is recorded at the end, so that any worker repeats an interrupted purge. Concurrent purges are safe.
    """
    day, began = timezone.localdate(), timezone.now()
    if Purge.objects.filter(day=day).exists() or not is_storage_reachable():
        return False
    purge()
    call_command("clearsessions")
    call_command("sweep_files", verbosity=0)
    sweep_checkpoints()
    SecurityEvent.objects.expired().delete()
    SharedLink.objects.long_ended().delete()
    Purge.objects.filter(day__lt=day - PURGES_KEPT).delete()
    _, is_first = Purge.objects.get_or_create(day=day, defaults={"began_at": began})
    return is_first


def _all_expired(now: dt.datetime | None) -> Iterator[Expired]:
    """Yield the expired rows of every user, active or not, whose account is not being deleted."""
    now = now or timezone.now()
    for user in User.objects.filter(retention_days__isnull=False, deletion=None).order_by("pk"):
        yield Expired.of(user, days=user.retention_days, keep_scores=user.keep_scores, now=now)
