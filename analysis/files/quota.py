"""Storage used by a user, and the user's quota."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Model, Sum
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_noop

from analysis.errors import PhotoError, VideoError
from ferproject.errors import translated_text

LARGEST = 10
MONTHS = 24
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class UsedStorage:
    """Bytes of photos with thumbnails, of annotated videos, of uploaded videos, and still expected of open uploads."""

    photos: int
    videos: int
    uploads: int
    expected: int

    @property
    def total(self) -> int:
        return self.photos + self.videos + self.uploads


def used_storage(owner: Model) -> UsedStorage:
    """Return the sizes of a user's stored files, from their rows."""
    videos = owner.videos.aggregate(done=Sum("annotated_bytes"))
    uploads = owner.videos.exclude(file="").aggregate(here=Sum("received"), whole=Sum("bytes"))
    return UsedStorage(
        photos=owner.photos.aggregate(total=Sum("bytes"))["total"] or 0,
        videos=videos["done"] or 0,
        uploads=uploads["here"] or 0,
        expected=(uploads["whole"] or 0) - (uploads["here"] or 0),
    )


def storage_by_month(owner: Model) -> list[dict[str, object]]:
    """Return `month`, `n` and `bytes` of photos with files, latest month first."""
    photos = owner.photos.with_picture()
    months = photos.annotate(month=TruncMonth("created_at")).values("month").order_by("-month")
    return list(months.annotate(n=Count("pk"), bytes=Sum("bytes"))[:MONTHS])


def largest_photos(owner: Model) -> list[Model]:
    return list(owner.photos.with_picture().order_by("-bytes")[:LARGEST])


def check_quota(*, owner: Model, more: int, error: type[PhotoError] | type[VideoError]) -> None:
    """Raise `error` of code "quota_reached" where `more` bytes exceed `owner.quota`, in bytes, None without a limit.

    Open uploads count with their announced size.
    """
    quota: int | None = getattr(owner, "quota", None)
    if quota is None:
        return
    used = used_storage(owner)
    if used.total + used.expected + more > quota:
        raise error("quota_reached", _message(used, more, quota))


def _message(used: UsedStorage, more: int, quota: int) -> str:
    text = gettext_noop(
        "Your storage is full: you use %(used)s MB of %(quota)s MB, and this file needs %(more)s MB. "
        "Delete something, or ask an administrator for more storage."
    )
    if used.expected:
        text = gettext_noop(
            "Your storage is full: you use %(used)s MB of %(quota)s MB, uploads in progress need %(expected)s MB, and "
            "this file needs %(more)s MB. Delete something, or ask an administrator for more storage."
        )
    sizes = {"used": used.total, "expected": used.expected, "more": more, "quota": quota}
    return translated_text(text, {name: size / _MEGABYTE for name, size in sizes.items()})
