"""Promoting a version and rolling back, in the admin."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from analysis.audit.models import AuditEntry
from analysis.versions.models import ModelVersion
from analysis.versions.smoke_test import SmokeReport
from tests.support.cards import make_card, make_version

LIST = "/admin/analysis/modelversion/"


@pytest.fixture(autouse=True)
def _no_shipped_versions(db) -> None:
    ModelVersion.objects.all().delete()


@pytest.fixture(autouse=True)
def smoke(monkeypatch: pytest.MonkeyPatch) -> dict[str, SmokeReport]:
    """What the smoke test finds of a version, by name; no other has anything wrong with it."""
    found: dict[str, SmokeReport] = {}
    monkeypatch.setattr(
        "analysis.versions.services.smoke_test", lambda *, version: found.get(version.name, SmokeReport(True))
    )
    return found


@pytest.fixture
def admin(client: Client, administrator) -> Client:
    client.force_login(administrator)
    return client


@pytest.fixture
def active() -> ModelVersion:
    return make_version("first", is_active=True)


def promote_address(version: ModelVersion) -> str:
    return reverse("admin:analysis_modelversion_promote", args=[version.pk])


def serving() -> str:
    version = ModelVersion.objects.active()
    return version.name if version else ""


def test_a_better_version_is_promoted_without_a_reason(admin: Client, active):
    second = make_version("second", make_card(0.7))

    response = admin.post(promote_address(second), {"instead_of": "first"}, follow=True)

    assert serving() == "second"
    assert "second passed its test and is now active" in response.content.decode()


def test_a_worse_version_needs_a_reason(admin: Client, active):
    second = make_version("second", make_card(0.5))

    assert "is worse than first" in admin.get(promote_address(second)).content.decode()
    response = admin.post(promote_address(second), {"instead_of": "first", "reason": "  "})

    assert "enter a reason" in response.content.decode()
    assert serving() == "first"


def test_the_reason_is_kept_with_its_author(admin: Client, administrator, active):
    second = make_version("second", make_card(0.5))

    admin.post(promote_address(second), {"instead_of": "first", "reason": "It is fairer to the young."})

    entry = AuditEntry.objects.get()
    assert (entry.actor, entry.action, entry.reason) == (administrator, "promoted", "It is fairer to the young.")
    assert serving() == "second"


def test_a_version_that_fails_its_smoke_test_stays_out_and_what_was_typed_stays(admin: Client, active, smoke):
    second = make_version("second", make_card(0.7))
    smoke["second"] = SmokeReport(False, "model_corrupt", "second/model.tflite: a byte was changed")

    response = admin.post(promote_address(second), {"instead_of": "first", "reason": "As agreed."})

    content = response.content.decode()
    assert "a byte was changed" in content
    assert "As agreed." in content
    assert serving() == "first"


def test_whoever_saw_another_version_serving_is_told(admin: Client, active):
    make_version("second", make_card(0.7))
    third = make_version("third", make_card(0.8))

    response = admin.post(promote_address(third), {"instead_of": "second"})

    assert "Another version has become active" in response.content.decode()
    assert serving() == "first"


def test_one_click_rolls_back(admin: Client, active):
    second = make_version("second", make_card(0.7))
    admin.post(promote_address(second), {"instead_of": "first"})

    assert "Roll back to first" in admin.get(LIST).content.decode()
    response = admin.post(f"{LIST}roll-back/", {"instead_of": "second"}, follow=True)

    assert serving() == "first"
    assert "first is active again." in response.content.decode()
    assert AuditEntry.objects.filter(action="rolled_back").exists()


def test_nothing_to_roll_back_to_is_said(admin: Client, active):
    response = admin.post(f"{LIST}roll-back/", {"instead_of": "first"}, follow=True)

    assert "no version to roll back to" in response.content.decode()


def test_the_audit_log_is_read_only(admin: Client, active):
    admin.post(promote_address(make_version("second", make_card(0.7))), {"instead_of": "first"})
    entry = AuditEntry.objects.get()
    address = f"/admin/analysis/auditentry/{entry.pk}"

    assert "second" in admin.get("/admin/analysis/auditentry/").content.decode()
    assert admin.get(f"{address}/change/").status_code == 200
    assert admin.post(f"{address}/change/", {"reason": "Another."}).status_code == 403
    assert admin.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert admin.get("/admin/analysis/auditentry/add/").status_code == 403
