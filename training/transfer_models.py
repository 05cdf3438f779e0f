"""Exports and imports of model versions, which a training worker carries out."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from analysis.videos import upload_parts

FOLDER = "transfers"
"""In the storage: `transfers/ID.zip`, and the parts of an upload beside it."""


class Step(models.TextChoices):
    """What a worker does for a transfer at the moment."""

    CONVERTING = "converting", _("Converting the network")
    COMPARING = "comparing", _("Comparing the results of the formats")
    READING = "reading", _("Reading the training data")
    MEASURING = "measuring", _("Converting and evaluating the network")


class VersionTransferQuerySet(models.QuerySet["VersionTransfer"]):
    def open(self) -> Self:
        return self.filter(status__in=VersionTransfer.OPEN)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class VersionTransfer(models.Model):
    """A version that is written as a zip, or added from another site's. `token` is the worker's lease.

    `name` is the version's; of an import it is the one that it is to have here, and `version` is set once it is added.
    `received` of `bytes` of an import are uploaded; of an export, `bytes` is the size of its zip. `facts` are what is
    known of an export: `opset`, and the agreement of its formats.
    """

    class Kind(models.TextChoices):
        EXPORT = "export", _("Export")
        IMPORT = "import", _("Import")

    class Status(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        QUEUED = "queued", _("Waiting")
        RUNNING = "running", _("In progress")
        FINISHED = "finished", _("Done")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")

    OPEN = (Status.UPLOADING, Status.QUEUED, Status.RUNNING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    name = models.CharField(_("name"), max_length=64)
    version = models.ForeignKey(
        "analysis.ModelVersion", on_delete=models.CASCADE, null=True, blank=True, related_name="transfers"
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    status = models.CharField(_("state"), max_length=9, choices=Status, default=Status.QUEUED)
    step = models.CharField(max_length=10, choices=Step, blank=True)
    message = models.TextField(blank=True)
    message_parts = models.JSONField(null=True, blank=True, help_text="An error's `text`, `hint` and `values`.")
    bytes = models.PositiveBigIntegerField(default=0)
    received = models.PositiveBigIntegerField(default=0)
    facts = models.JSONField(default=dict, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    heartbeat_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = VersionTransferQuerySet.as_manager()

    class Meta:
        verbose_name = _("export or import")
        verbose_name_plural = _("exports and imports")

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.name}"

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN

    @property
    def has_archive(self) -> bool:
        """Whether its zip can be downloaded."""
        return self.kind == self.Kind.EXPORT and self.status == self.Status.FINISHED

    @property
    def file(self) -> str:
        """The name in the storage with which its parts begin."""
        return f"{FOLDER}/{self.pk}"

    @property
    def archive(self) -> str:
        """The name of an export's zip in the storage."""
        return f"{self.file}.zip"


@receiver(post_delete, sender=VersionTransfer)
def remove_files(instance: VersionTransfer, **kwargs: object) -> None:
    """Remove a deleted transfer's files after the commit."""
    names = instance.file, instance.archive  # of the id, which Django resets after the signal
    transaction.on_commit(lambda: upload_parts.remove_all(*names))
