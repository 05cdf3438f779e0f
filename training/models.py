"""Training runs, their epochs and contributions, and the workers that take runs."""

from __future__ import annotations

import uuid
from typing import Self

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from training.run_settings import RunSettings
from training.transfer_models import VersionTransfer

__all__ = ["RunContribution", "RunEpoch", "State", "TrainingRun", "VersionTransfer", "Worker"]


class State(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    PREPARING = "preparing", _("Preparing")
    TRAINING = "training", _("Training")
    EVALUATING = "evaluating", _("Evaluating")
    FINISHED = "finished", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    LOST = "lost", _("Interrupted")


LIVE = (State.PREPARING, State.TRAINING, State.EVALUATING)
"""A process works on it and sends heartbeats."""
WAITING = (State.QUEUED, State.LOST)
"""A process may claim it."""


class TrainingRunQuerySet(models.QuerySet["TrainingRun"]):
    def live(self) -> Self:
        return self.filter(state__in=LIVE)

    def waiting(self) -> Self:
        """Runs that a worker may claim, the longest waiting first."""
        return self.filter(state__in=WAITING, by_command=False).order_by("queued_at", "created_at")

    def resumable(self) -> Self:
        return self.filter(Q(state__in=(State.FAILED, State.CANCELLED)) | Q(state=State.LOST, by_command=True))


class TrainingRun(models.Model):
    """A training run. `token` is the lease of the process that works on it.

    `slot` is 1 while a run is live and NULL otherwise: unique, so that one run trains at a time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(
        _("name"),
        max_length=64,
        unique=True,
        validators=[
            RegexValidator(
                r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z",
                _("Use letters from a to z, digits, dots, hyphens and underscores. Start with a letter or digit."),
            )
        ],
        help_text=_("Name of the version it creates: letters, digits, dots, hyphens and underscores."),
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("started by"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    by_command = models.BooleanField(default=False, help_text="Trained by `manage.py train`, not by a worker.")

    architecture = models.CharField(_("architecture"), max_length=50)
    configuration = models.JSONField(default=dict, help_text="The fields of training.runs.RunSettings.")

    state = models.CharField(_("state"), max_length=12, choices=State, default=State.QUEUED)
    reason = models.TextField(blank=True, help_text="Why it waits, failed or stopped: one sentence for people.")
    reason_parts = models.JSONField(null=True, blank=True, help_text="An error's `text`, `hint` and `values`.")
    broker_problem = models.TextField(blank=True, help_text="Why the broker did not take its message.")
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    queued_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When the broker last took its message.")
    started_at = models.DateTimeField(null=True, blank=True, help_text="First claim.")
    finished_at = models.DateTimeField(null=True, blank=True, help_text="Finished, failed or cancelled.")

    token = models.UUIDField(null=True, blank=True, editable=False)
    slot = models.PositiveSmallIntegerField(null=True, blank=True, unique=True, editable=False)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    host = models.CharField(max_length=255, blank=True)
    process = models.CharField(max_length=100, blank=True, help_text="The claiming process: its id and start.")
    claims = models.PositiveIntegerField(default=0)
    crashes = models.PositiveIntegerField(default=0, help_text="Ends of its process since the last finished epoch.")

    version = models.OneToOneField(
        "analysis.ModelVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="run"
    )

    epoch = models.PositiveIntegerField(default=0, help_text="Epochs finished.")
    epochs = models.PositiveIntegerField(default=0)
    batch = models.PositiveIntegerField(default=0, help_text="Batches of the current epoch finished.")
    batches = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0, help_text="Worked on it, over all claims.")
    images_per_second = models.FloatField(null=True, blank=True)
    memory_mb = models.FloatField(null=True, blank=True)
    log = models.TextField(blank=True, help_text="Its last lines.")

    objects = TrainingRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("training run")
        verbose_name_plural = _("training runs")
        indexes = [models.Index(fields=["state", "queued_at"], name="run_waiting")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_over(self) -> bool:
        """It has ended, or is lost and was started in a shell: no worker continues those."""
        lost = self.state == State.LOST and self.by_command
        return lost or self.state in (State.FINISHED, State.FAILED, State.CANCELLED)

    @property
    def can_cancel(self) -> bool:
        return not self.is_over and self.cancel_requested_at is None

    @property
    def can_resume(self) -> bool:
        return self.is_over and self.state != State.FINISHED

    @property
    def progress(self) -> float:
        """Share of the epochs done, 0 to 1."""
        if not self.epochs:
            return 0.0
        return min(1.0, (self.epoch + (self.batch / self.batches if self.batches else 0)) / self.epochs)

    @property
    def remaining_seconds(self) -> float | None:
        """Estimate at the pace so far; None where there is none."""
        if self.state != State.TRAINING or self.progress < 0.001:
            return None
        return self.seconds * (1 - self.progress) / self.progress

    @property
    def settings(self) -> RunSettings:
        return RunSettings.from_json(self.configuration)


class RunContribution(models.Model):
    """How many corrections of a user a run learnt from; the user may have been deleted.

    `version` is the version that the run made; it outlives the run.
    """

    run = models.ForeignKey(TrainingRun, on_delete=models.SET_NULL, null=True, blank=True, related_name="contributions")
    version = models.ForeignKey(
        "analysis.ModelVersion", on_delete=models.CASCADE, to_field="name", null=True, blank=True, related_name="+"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    corrections = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "user"], name="contribution_once")]

    def __str__(self) -> str:
        return f"{self.corrections} corrections in {self.run or self.version_id}"


class RunEpoch(models.Model):
    """One finished epoch's figures: losses, and accuracies from 0 to 1."""

    run = models.ForeignKey(TrainingRun, on_delete=models.CASCADE, related_name="epoch_rows")
    number = models.PositiveIntegerField(help_text="The first is 1.")
    loss = models.FloatField()
    accuracy = models.FloatField()
    val_loss = models.FloatField()
    val_accuracy = models.FloatField()
    seconds = models.FloatField(null=True, help_text="Unknown where a kill came before they were written.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="epoch_once_per_run")]

    def __str__(self) -> str:
        return f"epoch {self.number} of {self.run_id}"


class Worker(models.Model):
    """A worker process that takes runs; `seen_at` is when it last swept."""

    name = models.CharField(max_length=255, unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
