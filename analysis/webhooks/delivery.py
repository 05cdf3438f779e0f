"""The worker's side of webhooks: threads that send what is due, and what an answer means.

A worker leases a delivery by moving its `due_at` into the future. One that is killed leaves it there, and it is sent
again once that time has come: each event arrives at least once, and a receiver tells doubles by their `webhook-id`.
"""

from __future__ import annotations

import datetime as dt
import logging
import random
import threading
import time

from django.conf import settings
from django.core.mail import send_mail
from django.db import close_old_connections, transaction
from django.db.models import Exists, F, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from analysis.webhooks.models import Webhook, WebhookDelivery
from analysis.webhooks.requests import Answer, post
from analysis.webhooks.services import switch_off
from analysis.webhooks.signing import signed_headers
from ferproject.languages import written_for
from ferproject.links import with_site_url

PAUSES = tuple(dt.timedelta(seconds=each) for each in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 21600, 36000))
"""Before the second attempt and so on, almost a day together."""
LEASE = dt.timedelta(seconds=60)
"""Longer than any attempt takes."""
OFF_AFTER = dt.timedelta(days=3)
"""A webhook that acknowledged nothing for so long is switched off when its next delivery is given up."""
GONE = gettext_noop("The receiver answered that it no longer exists (410).")
NO_ANSWERS = gettext_noop("The receiver accepted no event for 3 days.")
"""Why webhooks are switched off, as stored."""
THREADS = 4
POLL_SECONDS = 1.0
Status = WebhookDelivery.Status
logger = logging.getLogger(__name__)


def start_threads() -> None:
    """Send what is due until the process ends."""
    for number in range(THREADS):
        threading.Thread(target=_send_loop, name=f"webhooks-{number}", daemon=True).start()


def send_next() -> bool:
    """Send the delivery that is due longest; return whether there was one."""
    delivery = claim_next()
    if delivery is None:
        return False
    message = {"message_id": str(delivery.pk), "timestamp": int(time.time()), "body": delivery.body}
    headers = signed_headers(secret=delivery.webhook.secret, **message)
    answer = post(delivery.webhook.url, body=delivery.body, headers={"User-Agent": "expressions-webhook/1", **headers})
    record_answer(delivery=delivery, answer=answer)
    return True


def claim_next() -> WebhookDelivery | None:
    """Lease the delivery that is due longest, of whose owner no other is being sent: slow receivers delay theirs."""
    now = timezone.now()
    being_sent = WebhookDelivery.objects.filter(
        webhook__owner=OuterRef("webhook__owner"), status=Status.SENDING, due_at__gt=now
    )
    due = WebhookDelivery.objects.open().filter(
        ~Exists(being_sent), due_at__lte=now, webhook__in=Webhook.objects.on().values("pk")
    )
    while (delivery := due.select_related("webhook").order_by("due_at").first()) is not None:
        until = timezone.now() + LEASE
        unchanged = WebhookDelivery.objects.open().filter(pk=delivery.pk, due_at=delivery.due_at)
        values = {"status": Status.SENDING, "due_at": until, "sent_at": timezone.now()}
        if unchanged.update(**values, attempts=F("attempts") + 1):
            delivery.due_at, delivery.attempts = until, delivery.attempts + 1
            return delivery
    return None


def record_answer(*, delivery: WebhookDelivery, answer: Answer) -> None:
    """Write what came of an attempt, unless its lease was lost; tell the owner where that switched the webhook off."""
    with transaction.atomic():
        mine = WebhookDelivery.objects.filter(pk=delivery.pk, status=Status.SENDING, due_at=delivery.due_at)
        values = {"http_status": answer.status, "answer": answer.body, "error": answer.error}
        if not mine.update(**values, **_next(delivery, answer)):
            return
        is_now_off = _update_webhook(delivery, answer)
    if is_now_off:
        _tell_owner(delivery.webhook)


def _next(delivery: WebhookDelivery, answer: Answer) -> dict[str, object]:
    """Return the columns that say what follows an attempt."""
    if answer.is_success:
        return {"status": Status.ACKNOWLEDGED}
    if delivery.attempts > len(PAUSES):
        return {"status": Status.FAILED}
    # Not all at the same moment.
    pause = PAUSES[delivery.attempts - 1] * random.uniform(1, 1.1)  # noqa: S311
    return {"status": Status.WAITING, "due_at": timezone.now() + pause}


def _update_webhook(delivery: WebhookDelivery, answer: Answer) -> bool:
    """Note that the webhook works or fails; return whether it was switched off now."""
    rows, now = Webhook.objects.filter(pk=delivery.webhook_id), timezone.now()
    if answer.is_success:
        rows.exclude(failing_since=None).update(failing_since=None)
        return False
    rows.filter(failing_since=None).update(failing_since=now)
    if answer.status == 410:
        return switch_off(webhook=delivery.webhook, reason=GONE)
    is_given_up = delivery.attempts > len(PAUSES)
    if is_given_up and rows.filter(failing_since__lte=now - OFF_AFTER).exists():
        return switch_off(webhook=delivery.webhook, reason=NO_ANSWERS)
    return False


def _tell_owner(webhook: Webhook) -> None:
    address = with_site_url(reverse("analysis:webhook", args=[webhook.pk])) if settings.SITE_URL else ""
    with written_for(webhook.owner):
        text = render_to_string("analysis/webhooks/off_email.txt", {"webhook": webhook, "address": address})
        subject = f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{_('Your webhook was switched off')}"
    try:
        send_mail(subject, text, None, [webhook.owner.email])
    except OSError:
        logger.exception("An email about a webhook that was switched off could not be sent")


def _send_loop() -> None:
    while True:
        was_sent = False
        try:
            close_old_connections()
            was_sent = send_next()
        except Exception:
            logger.exception("Sending to a webhook failed")
        if not was_sent:
            close_old_connections()
            time.sleep(POLL_SECONDS)
