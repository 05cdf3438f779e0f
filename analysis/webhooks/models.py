"""Webhooks, and their deliveries: the outbox of events, which are sent after the transaction that wrote them."""

from __future__ import annotations

import uuid
from typing import Self
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ferproject.querysets import TimelineQuerySet

URL_MAX = 500


class Event(models.TextChoices):
    PHOTO_ANALYSED = "photo.analysed", _("A photo was analysed")
    SESSION_ENDED = "session.ended", _("A live session ended")
    VIDEO_FINISHED = "video.finished", _("A video was analysed, or its analysis failed")
    RUN_FINISHED = "run.finished", _("A training run finished or failed")
    VERSION_PROMOTED = "version.promoted", _("Another version became active")


TEST_EVENT = "test"
"""The event that a person sends to try a webhook."""


class WebhookQuerySet(TimelineQuerySet):
    def on(self) -> Self:
        """Webhooks that receive events; those of the whole site only while their owner is staff."""
        return self.filter(Q(is_site=False) | Q(owner__is_staff=True), off_at=None, owner__is_active=True)

    def switched_off_by_site(self) -> Self:
        return self.exclude(off_reason="").exclude(off_at=None)

    def about(self, owner_id: int | None) -> Self:
        """The user's own webhooks and those of the whole site; for None the latter alone."""
        own = Q(is_site=False, owner=owner_id) if owner_id is not None else Q()
        return self.filter(own | Q(is_site=True))


class Webhook(models.Model):
    """An address that receives the owner's `events`, or everybody's where `is_site`.

    `off_at` is when it was switched off, by its owner, or for `off_reason`. `failing_since` is the first failure after
    the last acknowledgement.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="webhooks", verbose_name=_("owner")
    )
    is_site = models.BooleanField(default=False)
    url = models.CharField(max_length=URL_MAX)
    events = models.JSONField(default=list)
    secret = models.CharField(max_length=60, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    off_at = models.DateTimeField(_("switched off at"), null=True, blank=True)
    off_reason = models.CharField(_("reason"), max_length=200, blank=True)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        indexes = [models.Index(fields=["owner", "created_at", "id"], name="webhook_owner_time")]

    def __str__(self) -> str:
        # The rest of the address may be a secret.
        return self.host

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or self.url

    @property
    def is_on(self) -> bool:
        return self.off_at is None

    @property
    def off_reason_text(self) -> str:
        """`off_reason` in the active language."""
        return gettext(self.off_reason) if self.off_reason else ""

    @property
    def event_labels(self) -> list[str]:
        return [str(Event(event).label) for event in self.events]


class DeliveryQuerySet(TimelineQuerySet):
    def owned_by(self, user: models.Model) -> Self:
        return self.filter(webhook__owner=user)

    def open(self) -> Self:
        """Neither acknowledged nor given up."""
        return self.filter(status__in=[WebhookDelivery.Status.WAITING, WebhookDelivery.Status.SENDING])


class WebhookDelivery(models.Model):
    """One event for one webhook, written in the event's own transaction.

    While a worker sends it, `due_at` is when another worker may send it again, because the first one seems to be dead.
    `about` is the user whose data it names: it is deleted with their account.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        ACKNOWLEDGED = "acknowledged", _("Delivered")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    about = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    event = models.CharField(max_length=40)
    body = models.TextField(help_text=_("The JSON text that is signed and sent."))
    status = models.CharField(max_length=12, choices=Status, default=Status.WAITING)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    due_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.TextField(blank=True, help_text=_("The beginning of the receiver’s latest answer."))
    error = models.CharField(max_length=300, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        indexes = [
            models.Index(fields=["webhook", "created_at", "id"], name="delivery_webhook_time"),
            models.Index(fields=["due_at"], condition=Q(status__in=["waiting", "sending"]), name="delivery_due"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.pk}"

    @property
    def error_text(self) -> str:
        """`error` in the active language, but for a detail after its colon."""
        what, colon, detail = self.error.partition(": ")
        return f"{gettext(what)}{colon}{detail}" if what else ""

    @property
    def is_open(self) -> bool:
        return self.status in (self.Status.WAITING, self.Status.SENDING)
