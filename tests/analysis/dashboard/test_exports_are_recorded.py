"""The audit log tells who took what along."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.tokens import services as tokens
from analysis.audit.models import AuditEntry
from analysis.sessions.services import start_session


@pytest.fixture
def exported():
    """What the log tells of exports: by whom, and of what."""
    return lambda: list(AuditEntry.objects.filter(action=AuditEntry.EXPORTED).values_list("actor__email", "subject"))


@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_history_is(user, signed_in, exported, format):
    assert signed_in.get(reverse(f"analysis:export-{format}")).status_code == 200
    assert exported() == [(user.email, "their own history")]
    assert AuditEntry.objects.get(action=AuditEntry.EXPORTED).details == {"format": format}


@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_history_that_a_program_takes_is(user, exported, format):
    secret = tokens.create_token(user=user, name="t", scope="read", expires_in=None).secret
    program = APIClient(HTTP_AUTHORIZATION=f"Token {secret}")
    program.head(f"/api/v1/history/export.{format}")
    assert exported() == []
    assert program.get(f"/api/v1/history/export.{format}").status_code == 200
    assert exported() == [(user.email, "their own history")]


def test_a_sessions_file_is(user, signed_in, exported):
    session = start_session(owner=user, name="Morning")
    assert signed_in.get(reverse("analysis:session-csv", args=[session.pk])).status_code == 200
    assert exported() == [(user.email, f"their own session {session.pk}")]


def test_a_question_about_the_file_alone_is_not(user, signed_in, exported):
    session = start_session(owner=user, name="Morning")
    signed_in.head(reverse("analysis:export-csv"))
    signed_in.head(reverse("analysis:session-csv", args=[session.pk]))
    assert exported() == []


def test_one_that_was_asked_for_wrongly_is_not(signed_in, exported):
    assert signed_in.get(reverse("analysis:export-csv"), {"since": "yesterday"}).status_code == 400
    assert exported() == []
