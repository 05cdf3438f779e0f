"""Model versions over the API: everybody signed in sees them, staff decide which one serves."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from rest_framework.test import APIClient

from accounts.tokens import services as tokens
from analysis.audit.models import AuditEntry
from analysis.versions.models import ModelVersion
from analysis.versions.smoke_test import SmokeReport

VERSIONS = "/api/v1/versions/"


@pytest.fixture
def first(db) -> ModelVersion:
    """The shipped version, which migrating let serve."""
    return ModelVersion.objects.active()


@pytest.fixture
def second(first) -> ModelVersion:
    return ModelVersion.objects.create(name="second-1", origin="trained", pins=first.pins, card=first.card)


@pytest.fixture
def worse(first) -> ModelVersion:
    card = {**first.card, "evaluation": {}, "readings": {}}
    return ModelVersion.objects.create(name="worse-1", origin="trained", pins=first.pins, card=card)


@pytest.fixture(autouse=True)
def smoke(monkeypatch):
    """What the smoke test says; its own tests start the process that it is."""
    said = {"ok": True}
    answer = lambda *, version: SmokeReport(said["ok"], "" if said["ok"] else "model_corrupt", "It does not load.")  # noqa: E731
    monkeypatch.setattr("analysis.versions.services.smoke_test", answer)
    return said


def _program(user) -> APIClient:
    return APIClient(
        HTTP_AUTHORIZATION="Token "
        + tokens.create_token(
            user=user, name=f"p{tokens.ApiToken.objects.count()}", scope="write", expires_in=None
        ).secret
    )


@pytest.fixture
def program(user) -> APIClient:
    return _program(user)


@pytest.fixture
def staff(administrator) -> APIClient:
    return _program(administrator)


def test_everybody_sees_versions_and_what_they_are_worth(program, first, second):
    listed = program.get(VERSIONS).json()["results"]
    assert [row["name"] for row in listed][:2] == ["second-1", first.name]
    assert [row["name"] for row in listed if row["is_active"]] == [first.name]
    assert listed[0]["figures"]["n"] == 3589
    assert "card" not in listed[0]
    assert program.get(f"{VERSIONS}{first.name}/").json()["card"] == first.card


@pytest.mark.parametrize("name", ["nothing", "a%00b", "a%2Fb", "..", "x" * 65])
def test_a_version_that_never_was_is_404(program, first, name):
    assert program.get(f"{VERSIONS}{name}/").status_code == 404


def test_staff_promote_and_roll_back(staff, first, second, administrator):
    answer = staff.post(f"{VERSIONS}second-1/promote/", {"instead_of": first.name}, format="json")
    assert answer.status_code == 200
    assert (answer.json()["is_active"], answer.json()["previous"]) == (True, first.name)
    entry = AuditEntry.objects.first()
    assert (entry.actor, entry.details["via"]) == (administrator, "api")
    back = staff.post(f"{VERSIONS}second-1/rollback/", {"reason": "slower"}, format="json")
    assert (back.json()["name"], back.json()["is_active"]) == (first.name, True)


def test_promoting_what_serves_is_a_conflict(staff, first):
    answer = staff.post(f"{VERSIONS}{first.name}/promote/")
    assert (answer.status_code, answer.json()["code"]) == (409, "already_active")


def test_a_regression_needs_a_reason(staff, first, worse):
    answer = staff.post(f"{VERSIONS}worse-1/promote/")
    assert (answer.status_code, answer.json()["code"]) == (422, "reason_needed")
    assert staff.post(f"{VERSIONS}worse-1/promote/", {"reason": "a trial"}, format="json").status_code == 200


def test_a_version_that_does_not_load_is_not_promoted(staff, first, second, smoke):
    smoke["ok"] = False
    answer = staff.post(f"{VERSIONS}second-1/promote/")
    assert (answer.status_code, answer.json()["code"]) == (409, "model_corrupt")
    assert ModelVersion.objects.active() == first


@pytest.mark.parametrize("act", ["promote", "rollback"])
def test_whoever_saw_another_version_serve_decides_again(staff, first, second, act):
    body = {"instead_of": "another"} if act == "promote" else {}
    answer = staff.post(f"{VERSIONS}second-1/{act}/", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (409, "active_changed")


@pytest.mark.parametrize("act", ["promote", "rollback"])
def test_only_staff_decide(program, first, second, act):
    answer = program.post(f"{VERSIONS}second-1/{act}/")
    assert (answer.status_code, answer.json()["code"]) == (403, "staff_only")
    assert ModelVersion.objects.active() == first


def test_staff_need_the_permission_too(user, first, second):
    user.is_staff = True
    user.save()
    program = _program(user)
    assert program.post(f"{VERSIONS}second-1/promote/").json()["code"] == "forbidden"
    user.user_permissions.add(Permission.objects.get(codename="change_modelversion"))
    assert program.post(f"{VERSIONS}second-1/promote/").status_code == 200


def test_more_versions_need_no_more_queries(program, first, second, django_assert_num_queries):
    program.get(VERSIONS)
    for number in range(4):
        ModelVersion.objects.create(name=f"v-{number}", origin="trained", pins={}, card={}, previous=first)
        with django_assert_num_queries(2):
            program.get(VERSIONS)
