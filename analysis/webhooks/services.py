"""Services of webhooks: register, change, test and delete them, and write the deliveries of an event."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop, ngettext

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.errors import WebhookError
from analysis.webhooks.addresses import parse_url, resolve
from analysis.webhooks.models import TEST_EVENT, Event, Webhook, WebhookDelivery, WebhookQuerySet
from analysis.webhooks.signing import new_secret

MAX_WEBHOOKS = 10
"""Of a user."""
KEPT_FOR = dt.timedelta(days=30)
"""How long deliveries stay in the list."""
SWITCHED_OFF = gettext_noop("The webhook was switched off.")
"""The error of deliveries that were given up for it, as stored."""
Status = WebhookDelivery.Status


def create_webhook(*, owner: Any, url: str, events: Collection[str], is_site: bool = False) -> Webhook:
    """Register an address; the new row's `secret` is to be shown this once.

    Raises `WebhookError` of code "bad_webhook_url", "webhook_unresolved", "private_address", "no_events",
    "unknown_event", "staff_only" or "too_many_webhooks".
    """
    if is_site and not owner.is_staff:
        raise WebhookError("staff_only", gettext("Only administrators can receive the events of the whole site."))
    if Webhook.objects.owned_by(owner).count() >= MAX_WEBHOOKS:
        raise WebhookError("too_many_webhooks", too_many_text())
    resolve(parse_url(url))
    values = {"url": url, "events": _checked_events(events), "is_site": is_site, "secret": new_secret()}
    with transaction.atomic():
        webhook: Webhook = Webhook.objects.create(owner=owner, **values)
        _audit(AuditEntry.WEBHOOK_ADDED, webhook)
    return webhook


def change_webhook(
    *, webhook: Webhook, url: str | None = None, events: Collection[str] | None = None, is_on: bool | None = None
) -> None:
    """Change what is given; raise what `create_webhook` raises and change nothing.

    Switching it off gives up what waits; it can be sent again later.
    """
    if url is not None and url != webhook.url:
        resolve(parse_url(url))
        webhook.url = url
    if events is not None:
        webhook.events = _checked_events(events)
    with transaction.atomic():
        if is_on is True and not webhook.is_on:
            webhook.off_at, webhook.off_reason, webhook.failing_since = None, "", None
        elif is_on is False and webhook.is_on:
            switch_off(webhook=webhook, reason="")
        webhook.save(update_fields=["url", "events", "off_at", "off_reason", "failing_since"])
        _audit(AuditEntry.WEBHOOK_CHANGED, webhook)


def switch_off(*, webhook: Webhook, reason: str) -> bool:
    """Switch a webhook off and give up what waits, in the caller's transaction; return whether it was on."""
    now = timezone.now()
    if not Webhook.objects.filter(pk=webhook.pk, off_at=None).update(off_at=now, off_reason=reason):
        return False
    webhook.off_at, webhook.off_reason = now, reason
    webhook.deliveries.open().update(status=Status.FAILED, error=SWITCHED_OFF)
    return True


def renew_secret(*, webhook: Webhook) -> str:
    """Replace the secret, from the next attempt on; return the new one."""
    webhook.secret = new_secret()
    webhook.save(update_fields=["secret"])
    return webhook.secret


def delete_webhook(*, webhook: Webhook) -> None:
    """Delete a webhook with its deliveries."""
    with transaction.atomic():
        _audit(AuditEntry.WEBHOOK_DELETED, webhook)
        webhook.delete()


def record_event(
    *, event: Event, data: Mapping[str, Any], owner_id: int | None = None, is_public: bool = False
) -> None:
    """Write an event for its webhooks, in the caller's transaction: the user's and the site's, or all if `is_public`.

    `data` is JSON, ids rather than results: receivers fetch those by the API with a token of their own.
    """
    hooks = Webhook.objects.on() if is_public else _hooks_about(owner_id)
    receiving = [webhook for webhook in hooks if event in webhook.events]
    if receiving:
        body = _body(event, {**data, **({} if owner_id is None else {"user": owner_id})})
        WebhookDelivery.objects.bulk_create(
            WebhookDelivery(webhook=webhook, event=event, body=body, about_id=owner_id) for webhook in receiving
        )


def too_many_text() -> str:
    """Return what a user is told who has `MAX_WEBHOOKS`."""
    text = ngettext(
        "You can have up to %(count)s webhook. Delete one that you no longer need.",
        "You can have up to %(count)s webhooks. Delete one that you no longer need.",
        MAX_WEBHOOKS,
    )
    return text % {"count": MAX_WEBHOOKS}


def send_test(*, webhook: Webhook) -> WebhookDelivery:
    """Send a test event; raise `WebhookError` of code "webhook_off"."""
    _require_on(webhook)
    body = _body(TEST_EVENT, {"webhook": str(webhook.pk)})
    return WebhookDelivery.objects.create(webhook=webhook, event=TEST_EVENT, body=body)


def resend_delivery(*, delivery: WebhookDelivery) -> None:
    """Send an acknowledged or failed delivery again under its id; one that waits is sent at once.

    Raises `WebhookError` of code "webhook_off", or "being_sent" while a worker sends it.
    """
    _require_on(delivery.webhook)
    rows = WebhookDelivery.objects.filter(pk=delivery.pk).exclude(status=Status.SENDING)
    if not rows.update(status=Status.WAITING, attempts=0, due_at=timezone.now(), error=""):
        raise WebhookError("being_sent", gettext("This event is being sent right now."), retryable=True)
    delivery.refresh_from_db()


def delete_old_deliveries() -> None:
    """Delete the deliveries of more than 30 days ago."""
    WebhookDelivery.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()


def _hooks_about(owner_id: int | None) -> WebhookQuerySet:
    return Webhook.objects.on().about(owner_id)


def _body(event: str, data: Mapping[str, Any]) -> str:
    return json.dumps({"type": str(event), "timestamp": timezone.now().isoformat(), "data": data})


def _require_on(webhook: Webhook) -> None:
    if not webhook.is_on:
        raise WebhookError("webhook_off", gettext("This webhook is switched off. Switch it on first."))


def _checked_events(events: Collection[str]) -> list[str]:
    if unknown := sorted(set(events) - set(Event.values)):
        text = gettext("There is no event %(unknown)s. Choose some of %(events)s.")
        values = {"unknown": ", ".join(unknown), "events": ", ".join(Event.values)}
        raise WebhookError("unknown_event", text % values)
    if not events:
        raise WebhookError("no_events", gettext("Choose at least one event."))
    return [event for event in Event.values if event in events]


def _audit(action: str, webhook: Webhook) -> None:
    # Without the path, which often has a password of the receiver's.
    details = {"host": webhook.host, "of_the_site": webhook.is_site}
    subject = f"webhook {webhook.pk} of user {webhook.owner_id}"
    record_audit(actor=webhook.owner, action=action, subject=subject, details=details)
