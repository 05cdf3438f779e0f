"""Model versions and which of them is active."""

from __future__ import annotations

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    def active(self) -> ModelVersion | None:
        """Return the version that serves; None where there is none."""
        return self.filter(is_active=True).first()

    def active_or_announced(self, since: dt.datetime) -> Self:
        """Return the version that serves and those that were announced since then, newest first."""
        return self.filter(Q(is_active=True) | Q(announced_at__gt=since)).newest_first()

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class ModelVersion(models.Model):
    """A registered version of the network; `pins` are the SHA-256 of its files, which are loaded only if they match.

    `card` is a copy of its `card.json`, so that lists and comparisons read no file. `previous` is the version
    that was active before this one was promoted; rolling back returns to it.
    """

    class Origin(models.TextChoices):
        SHIPPED = "shipped", _("Shipped")
        TRAINED = "trained", _("Trained")

    name = models.CharField(_("name"), max_length=64, unique=True)
    origin = models.CharField(_("origin"), max_length=8, choices=Origin.choices)
    pins = models.JSONField()
    card = models.JSONField()
    is_active = models.BooleanField(default=False, editable=False)
    previous = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    activated_at = models.DateTimeField(_("active since"), null=True, blank=True)
    has_results_to_restore = models.BooleanField(
        default=False, editable=False, help_text="Stored results may have to become current; see `photos.restoring`."
    )
    announced_at = models.DateTimeField(null=True, blank=True, editable=False, help_text="See `ServingProcess`.")

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint(fields=["is_active"], condition=Q(is_active=True), name="version_one_active"),
            models.CheckConstraint(condition=Q(origin__in=["shipped", "trained"]), name="version_origin_known"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_shipped(self) -> bool:
        return self.origin == self.Origin.SHIPPED


class ServingProcess(models.Model):
    """A process that serves model versions, with a bucket, and the version about to be promoted that it fetched last.

    `problem` is why it could not.
    """

    process = models.CharField(
        max_length=100, primary_key=True, help_text="See ferproject.queue.processes.identify_process."
    )
    host = models.CharField(max_length=255)
    prepared = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=255, blank=True)
    seen_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.host
