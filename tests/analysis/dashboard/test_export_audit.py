"""Exports are recorded in the audit log."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tokens import services as tokens
from analysis.audit.models import AuditEntry
from analysis.sessions.services import start_session


@pytest.fixture
def exported():
    """Return the actor and the subject of each export in the audit log."""
    return lambda: list(AuditEntry.objects.filter(action=AuditEntry.EXPORTED).values_list("actor__email", "subject"))


@pytest.mark.parametrize("format", ["csv", "json"])
def test_an_export_is_recorded(user, signed_in, exported, format):
    assert signed_in.get(reverse(f"analysis:export-{format}")).status_code == 200
    assert exported() == [(user.email, "their own history")]
    assert AuditEntry.objects.get(action=AuditEntry.EXPORTED).details == {"format": format}


@pytest.mark.parametrize("format", ["csv", "json"])
def test_an_export_by_the_api_is_recorded(user, exported, format):
    secret = tokens.create_token(user=user, name="t", scope="read", expires_in=None).secret
    program = APIClient(HTTP_AUTHORIZATION=f"Token {secret}")
    program.head(f"/api/v1/history/export.{format}")
    assert exported() == []
    assert program.get(f"/api/v1/history/export.{format}").status_code == 200
    assert exported() == [(user.email, "their own history")]


def test_a_sessions_csv_is_recorded(user, signed_in, exported):
    session = start_session(owner=user, name="Morning")
    assert signed_in.get(reverse("analysis:session-csv", args=[session.pk])).status_code == 200
    assert exported() == [(user.email, f"their own session {session.pk}")]


def test_a_head_request_is_not_recorded(user, signed_in, exported):
    session = start_session(owner=user, name="Morning")
    signed_in.head(reverse("analysis:export-csv"))
    signed_in.head(reverse("analysis:session-csv", args=[session.pk]))
    assert exported() == []


def test_an_invalid_request_is_not_recorded(signed_in, exported):
    assert signed_in.get(reverse("analysis:export-csv"), {"since": "yesterday"}).status_code == 400
    assert exported() == []
