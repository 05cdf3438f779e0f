"""The audit log in the admin is filtered by action."""

import pytest

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit


@pytest.mark.django_db
def test_the_log_is_filtered_by_an_action_in_words(client, administrator):
    client.force_login(administrator)
    for action in (AuditEntry.EXPORTED, AuditEntry.WEBHOOK_ADDED):
        record_audit(actor=None, action=action, subject=f"subject of {action}")

    page = client.get("/admin/analysis/auditentry/", {"action": AuditEntry.WEBHOOK_ADDED}).content.decode()

    assert "subject of webhook_added" in page
    assert "subject of exported" not in page
    assert '<a href="?action=exported">exported</a>' in page
