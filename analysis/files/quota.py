"""What somebody's things take on the disk, and whether there is room for more."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Model, Sum
from django.db.models.functions import TruncMonth

from analysis.errors import PhotoError, VideoError

LARGEST = 10
MONTHS = 24
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Space:
    """Bytes: of photos with their thumbnails, of annotated videos, of uploads that are not analysed yet, and what of
    uploads on their way is announced but not here."""

    photos: int
    videos: int
    uploads: int
    announced: int

    @property
    def total(self) -> int:
        return self.photos + self.videos + self.uploads


def used_space(owner: Model) -> Space:
    """Return what somebody's kept files take, as their rows tell."""
    videos = owner.videos.aggregate(done=Sum("annotated_bytes"))
    uploads = owner.videos.exclude(file="").aggregate(here=Sum("received"), whole=Sum("bytes"))
    return Space(
        photos=owner.photos.aggregate(total=Sum("bytes"))["total"] or 0,
        videos=videos["done"] or 0,
        uploads=uploads["here"] or 0,
        announced=(uploads["whole"] or 0) - (uploads["here"] or 0),
    )


def space_by_month(owner: Model) -> list[dict[str, object]]:
    """Return `month`, `n` and `bytes` of the photos that take space, the latest months first."""
    photos = owner.photos.with_picture()
    months = photos.annotate(month=TruncMonth("created_at")).values("month").order_by("-month")
    return list(months.annotate(n=Count("pk"), bytes=Sum("bytes"))[:MONTHS])


def largest_photos(owner: Model) -> list[Model]:
    return list(owner.photos.with_picture().order_by("-bytes")[:LARGEST])


def check_quota(*, owner: Model, more: int, error: type[PhotoError] | type[VideoError]) -> None:
    """Raise `error` of code "quota_reached" where `more` bytes would be more than `owner` may keep.

    `owner.quota` is in bytes, None without a limit. Of a video on its way the whole counts, as it was announced.
    """
    quota: int | None = getattr(owner, "quota", None)
    if quota is None:
        return
    used = used_space(owner)
    if used.total + used.announced + more > quota:
        coming = f" and {used.announced / _MEGABYTE:.1f} MB are on their way" if used.announced else ""
        raise error(
            "quota_reached",
            f"You keep {used.total / _MEGABYTE:.1f} MB of at most {quota / _MEGABYTE:g} MB{coming}, and this takes "
            f"{more / _MEGABYTE:.1f} MB. Delete something, or ask whoever runs this site for more.",
        )
