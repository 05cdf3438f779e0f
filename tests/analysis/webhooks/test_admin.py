"""Webhooks in the admin: whose and how they do, never a secret."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from analysis.models import AuditEntry
from analysis.webhooks.models import Event, Webhook, WebhookDelivery

LIST = reverse("admin:analysis_webhook_changelist")


@pytest.mark.django_db
def test_staff_see_every_webhook_and_its_state_but_no_secret(client, administrator, user):
    values = {"events": ["session.ended"], "secret": "whsec_hidden"}
    mine = Webhook.objects.create(owner=user, url="https://hooks.example.org/path-hidden", **values)
    Webhook.objects.create(
        owner=administrator,
        is_site=True,
        url="https://other.example.org/",
        off_at=timezone.now(),
        off_reason="Gone",
        **values,
    )
    for status in ("waiting", "failed", "failed", "acknowledged"):
        WebhookDelivery.objects.create(webhook=mine, event="session.ended", body="{}", status=status)
    client.force_login(administrator)
    shown = client.get(LIST).content.decode()
    page = client.get(reverse("admin:analysis_webhook_change", args=[mine.pk])).content.decode()
    for text in ("hooks.example.org", user.email, "Switched off after failures"):
        assert text in shown
    assert '<td class="field-failed">2</td>' in shown
    assert str(Event.SESSION_ENDED.label) in page
    assert "path-hidden" not in shown + page
    assert "whsec_hidden" not in shown + page
    assert AuditEntry.objects.filter(action="viewed", subject__contains=f"of user {user.pk}").exists()
    assert client.post(reverse("admin:analysis_webhook_delete", args=[mine.pk])).status_code == 403
