"""Links by which people without an account see one photo's result, one session or one album."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.albums.models import Collection
from analysis.photos.models import Photo
from analysis.sessions.models import Session
from ferproject.querysets import TimelineQuerySet

SHOWN_AFTER_END = dt.timedelta(days=30)
"""How long an ended link stays in its owner's list."""


class SharedLinkQuerySet(TimelineQuerySet):
    def active(self) -> Self:
        """Links that show something: neither expired nor revoked, of an account that may sign in."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), owner__is_active=True)

    def about(self, item: models.Model) -> Self:
        """Links to a photo, session or album."""
        return self.filter(**{SharedLink.field_of(item): item})

    def long_ended(self) -> Self:
        limit = timezone.now() - SHOWN_AFTER_END
        return self.filter(Q(expires_at__lt=limit) | Q(revoked_at__lt=limit))


class SharedLink(models.Model):
    """A link to one photo, session or album. Its address has a secret of which only the hash is stored.

    `password` is the hash of a password that is asked for, "" for none. Deleting what it shows deletes the link.
    """

    class Shows(models.TextChoices):
        PICTURE = "picture", _("Pictures and results")
        NUMBERS = "numbers", _("Results only")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="shared_links", verbose_name=_("owner")
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, null=True, blank=True, related_name="shared_links")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, null=True, blank=True, related_name="shared_links")
    album = models.ForeignKey(Collection, on_delete=models.CASCADE, null=True, blank=True, related_name="shared_links")
    shows = models.CharField(_("shows"), max_length=7, choices=Shows)
    title = models.CharField(max_length=80, blank=True)
    password = models.CharField(max_length=128, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects = SharedLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("shared link")
        verbose_name_plural = _("shared links")
        constraints = [
            models.CheckConstraint(
                condition=Q(photo__isnull=False, session=None, album=None)
                | Q(photo=None, session__isnull=False, album=None)
                | Q(photo=None, session=None, album__isnull=False),
                name="shared_link_of_one_thing",
            ),
            models.CheckConstraint(condition=Q(shows__in=["picture", "numbers"]), name="shared_link_shows_known"),
        ]

    def __str__(self) -> str:
        return gettext("link %(id)s") % {"id": self.pk}

    @staticmethod
    def field_of(item: models.Model) -> str:
        """Return the column that names a photo, session or album."""
        return {Photo: "photo", Session: "session", Collection: "album"}[type(item)]

    @property
    def kind(self) -> str:
        """What it shows: "photo", "session" or "album"."""
        return "photo" if self.photo_id else "session" if self.session_id else "album"

    @property
    def kind_name(self) -> str:
        """The name of `kind` in the active language, such as "Photo"."""
        return {"photo": gettext("Photo"), "session": gettext("Session"), "album": gettext("Album")}[self.kind]

    @property
    def item_id(self) -> uuid.UUID:
        return self.photo_id or self.session_id or self.album_id

    @property
    def item(self) -> Any:
        """The photo, session or album; None where its deletion is pending."""
        model = self._meta.get_field(self.kind).related_model
        return model.objects.filter(pk=self.item_id).first()

    @property
    def shows_picture(self) -> bool:
        return self.shows == self.Shows.PICTURE

    @property
    def has_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_active(self) -> bool:
        return self.revoked_at is None and not self.has_expired
