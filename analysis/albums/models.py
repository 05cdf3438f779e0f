"""Albums and tags, and the sums of what is in them."""

from __future__ import annotations

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Lower
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysis.history.models import SumColumns
from analysis.history.sums import SumTables
from analysis.photos.models import Photo
from analysis.sessions.models import Session
from ferproject.querysets import OwnedQuerySet


class CollectionQuerySet(OwnedQuerySet):
    def albums(self) -> Self:
        return self.filter(kind=Collection.Kind.ALBUM)

    def tags(self) -> Self:
        return self.filter(kind=Collection.Kind.TAG)

    def by_name(self) -> Self:
        return self.order_by(Lower("name"), "pk")

    def with_counts(self) -> Self:
        """Annotate `photo_count` and `session_count`."""
        return self.annotate(photo_count=_count("photos"), session_count=_count("sessions"))

    def with_cover(self) -> Self:
        """Annotate `cover_id_shown`, the id of the cover or of the newest photo with files, None without any."""
        photos = Photo.objects.filter(collections=OuterRef("pk")).exclude(thumbnail="").newest_first()
        return self.annotate(cover_id_shown=Coalesce("cover", Subquery(photos.values("pk")[:1])))


def _count(name: str) -> Coalesce:
    # One subquery each: a join with both would multiply their rows.
    through = Collection._meta.get_field(name).remote_field.through
    rows = through._default_manager.filter(collection=OuterRef("pk")).order_by().values("collection")
    return Coalesce(Subquery(rows.annotate(n=Count("pk")).values("n")), 0)


class Collection(models.Model):
    """An album or a tag: a name for any number of photos and sessions of one owner, each of which may have several.

    An analysed video is in it by its session. `cover` is a photo of the album, None for the newest one.
    """

    class Kind(models.TextChoices):
        ALBUM = "album", _("Album")
        TAG = "tag", _("Tag")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="collections", db_index=False
    )
    kind = models.CharField(max_length=5, choices=Kind)
    name = models.CharField(max_length=80)
    cover = models.ForeignKey(Photo, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    photos = models.ManyToManyField(Photo, related_name="collections", blank=True)
    sessions = models.ManyToManyField(Session, related_name="collections", blank=True)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("album or tag")
        verbose_name_plural = _("albums and tags")
        constraints = [
            models.UniqueConstraint("owner", "kind", Lower("name"), name="collection_name_once"),
            models.CheckConstraint(condition=Q(kind__in=["album", "tag"]), name="collection_kind_known"),
        ]

    def __str__(self) -> str:
        # Shown in the admin and in logs, which must not contain the owner's name for it.
        return f"{self.kind} {self.pk}"

    @property
    def is_album(self) -> bool:
        return self.kind == self.Kind.ALBUM

    @property
    def sum_tables(self) -> SumTables:
        """Where `history.series` reads its sums."""
        return COLLECTION_SUMS


class CollectionSum(SumColumns):
    """As `HistorySum`, of what is in one collection, its `owner`."""

    owner = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="sums", db_index=False)
    quarter = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "quarter", "source", "emotion", "model", "corrected_emotion", "clock"],
                name="collection_sum_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.emotion} from {self.quarter:%Y-%m-%d %H:%M}"


class CollectionRollup(SumColumns):
    """As `HistoryRollup`, of what is in one collection, its `owner`."""

    owner = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="rollups", db_index=False)
    grain = models.PositiveSmallIntegerField()
    start = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "grain", "start", "source", "emotion", "model", "corrected_emotion", "clock"],
                name="collection_rollup_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.n} {self.emotion} in {self.grain} quarters from {self.start:%Y-%m-%d %H:%M}"


COLLECTION_SUMS = SumTables.of(CollectionSum, CollectionRollup)


def album_in_query(owner: Any, text: str | uuid.UUID | None) -> Collection | None:
    """Return the owner's album or tag with the id in a request's query, None without one.

    Raises `Http404` for what is no id, or not of an album or tag of theirs.
    """
    if not text:
        return None
    try:
        return get_object_or_404(Collection, owner=owner.pk, pk=text)
    except ValidationError as error:
        raise Http404 from error
