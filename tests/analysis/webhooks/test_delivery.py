"""Sending what is due, and what an answer means."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json

import pytest
from django.core import mail
from django.utils import timezone

from analysis.webhooks import delivery
from analysis.webhooks.models import Webhook, WebhookDelivery
from analysis.webhooks.requests import Answer
from analysis.webhooks.services import delete_old_deliveries, resend_delivery, send_test
from tests.support.webhook_receiver import Receiver, respond

pytestmark = pytest.mark.django_db


def make_due(row: WebhookDelivery) -> WebhookDelivery:
    WebhookDelivery.objects.filter(pk=row.pk).update(due_at=timezone.now())
    row.refresh_from_db()
    return row


def fail(row: WebhookDelivery, answer: Answer | None = None) -> None:
    """Send it and have it fail."""
    make_due(row)
    claimed = delivery.claim_next()
    assert claimed == row
    delivery.record_answer(delivery=claimed, answer=answer or Answer(status=500, body="no"))
    row.refresh_from_db()


def test_it_is_signed_as_standard_webhooks_describes(make_hook, receiver: Receiver):
    webhook = make_hook(url=receiver.url)
    row = send_test(webhook=webhook)
    assert delivery.send_next()
    assert not delivery.send_next()
    ((headers, body),) = receiver.received
    key = base64.b64decode(webhook.secret.removeprefix("whsec_"))
    signed = f"{row.pk}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert (headers["webhook-id"], headers["webhook-signature"]) == (str(row.pk), f"v1,{expected}")
    assert json.loads(body)["type"] == "test"
    assert abs(int(headers["webhook-timestamp"]) - timezone.now().timestamp()) < 60
    row.refresh_from_db()
    assert (row.status, row.http_status, row.attempts) == ("acknowledged", 200, 1)


def test_it_is_tried_again_with_growing_pauses_for_a_day(make_hook):
    row, pauses = send_test(webhook=make_hook()), []
    while row.is_open:
        fail(row)
        if row.is_open:
            pauses.append(row.due_at - timezone.now())
    assert row.attempts == len(pauses) + 1 == 11
    assert pauses == sorted(pauses)
    assert dt.timedelta(hours=23) < sum(pauses, dt.timedelta()) < dt.timedelta(hours=27)
    assert (row.status, row.http_status, row.answer) == ("failed", 500, "no")


def test_a_failure_is_shown_and_sent_again_on_demand(make_hook, receiver: Receiver):
    row = send_test(webhook=make_hook(url=receiver.url))
    receiver.answer = lambda handler: respond(handler, 503, b"later")
    delivery.send_next()
    row.refresh_from_db()
    assert (row.status, row.http_status, row.answer) == ("waiting", 503, "later")
    assert not delivery.send_next(), "not due yet"
    receiver.answer = lambda handler: respond(handler, 204)
    resend_delivery(delivery=row)
    assert delivery.send_next()
    row.refresh_from_db()
    assert row.status == "acknowledged"
    first, second = (headers["webhook-id"] for headers, _ in receiver.received)
    assert first == second


def test_a_killed_worker_s_delivery_is_sent_again_after_its_lease(make_hook):
    row = send_test(webhook=make_hook())
    dead = delivery.claim_next()
    assert delivery.claim_next() is None
    make_due(row)
    again = delivery.claim_next()
    assert again.attempts == 2
    delivery.record_answer(delivery=dead, answer=Answer(status=500))
    row.refresh_from_db()
    assert row.status == "sending", "the late answer of a lost lease counts for nothing"
    delivery.record_answer(delivery=again, answer=Answer(status=200))
    row.refresh_from_db()
    assert row.status == "acknowledged"


def test_one_persons_slow_receiver_does_not_delay_another_persons(make_hook, user, other_user):
    slow, quick = make_hook(), make_hook(other_user)
    for _ in range(3):
        send_test(webhook=slow)
    send_test(webhook=quick)
    assert [delivery.claim_next().webhook, delivery.claim_next().webhook] == [slow, quick]
    assert delivery.claim_next() is None


def off(webhook: Webhook) -> bool:
    webhook.refresh_from_db()
    return not webhook.is_on


def test_after_long_failure_it_is_switched_off_and_its_owner_told(make_hook, user):
    webhook = make_hook()
    first = send_test(webhook=webhook)
    while first.is_open:
        fail(first)
    assert not off(webhook), "a day is not long"
    Webhook.objects.update(failing_since=timezone.now() - delivery.OFF_AFTER)
    row = send_test(webhook=webhook)
    while row.is_open:
        fail(row)
    assert off(webhook)
    assert "3 days" in webhook.off_reason
    (message,) = mail.outbox
    assert message.to == [user.email]
    assert webhook.url in message.body


def test_a_receiver_that_is_gone_switches_it_off_at_once(make_hook):
    webhook = make_hook()
    waiting = send_test(webhook=webhook)
    row = send_test(webhook=webhook)
    WebhookDelivery.objects.filter(pk=waiting.pk).update(due_at=timezone.now() + dt.timedelta(hours=1))
    fail(row, Answer(status=410))
    assert off(webhook)
    assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"failed"}
    assert len(mail.outbox) == 1


def test_an_acknowledgement_ends_the_failure(make_hook):
    webhook = make_hook()
    row = send_test(webhook=webhook)
    fail(row)
    webhook.refresh_from_db()
    assert webhook.failing_since
    fail(row, Answer(status=200))
    webhook.refresh_from_db()
    assert webhook.failing_since is None


def test_deliveries_are_kept_for_30_days(make_hook):
    webhook = make_hook()
    old, new = send_test(webhook=webhook), send_test(webhook=webhook)
    WebhookDelivery.objects.filter(pk=old.pk).update(created_at=timezone.now() - dt.timedelta(days=31))
    delete_old_deliveries()
    assert list(webhook.deliveries.all()) == [new]
