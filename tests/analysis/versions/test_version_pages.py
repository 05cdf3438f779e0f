"""Model versions in the admin: who sees them, what their pages show, and what they hand out."""

from __future__ import annotations

import hashlib

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from analysis.versions.models import ModelVersion
from tests.support.cards import make_card, make_version

LIST = "/admin/analysis/modelversion/"


@pytest.fixture(autouse=True)
def _no_shipped_versions(db) -> None:
    ModelVersion.objects.all().delete()


@pytest.fixture
def admin(client: Client, administrator) -> Client:
    client.force_login(administrator)
    return client


@pytest.fixture
def staff(user):
    """A member of staff without any permission."""
    user.is_staff = True
    user.save()
    return user


def allow(person, *codenames: str) -> None:
    person.user_permissions.add(*Permission.objects.filter(codename__in=codenames))


def page(version: ModelVersion) -> str:
    return reverse("admin:analysis_modelversion_change", args=[version.pk])


def test_the_list_tells_which_version_serves(admin: Client):
    make_version("first")
    make_version("second", is_active=True)

    content = admin.get(LIST).content.decode()

    assert "60.0% of 1,400" in content
    assert 'Active</strong> <a href="' in content


def test_a_page_shows_its_figures_beside_the_serving_versions(admin: Client):
    make_version("first", is_active=True)
    second = make_version("second", make_card(happy=0.7, sad=0.5))

    content = admin.get(page(second)).content.decode()

    assert "+10.0" in content
    assert "worse by more than 5" in content
    assert 'data-value="0.700000"' in content
    assert "Reliability diagram" in content


def test_a_page_says_why_two_versions_cannot_be_compared(admin: Client):
    make_version("first", is_active=True)
    second = make_version("second", make_card(data="b" * 64))

    assert "different data files" in admin.get(page(second)).content.decode()


def test_a_version_that_was_never_evaluated_has_a_page(admin: Client):
    version = make_version("first", {"architecture": "mlp"})

    assert "never evaluated" in admin.get(page(version)).content.decode()


def test_a_file_is_handed_out_as_it_was_registered(admin: Client, settings, tmp_path):
    settings.MODELS_STORE = tmp_path
    (tmp_path / "first").mkdir()
    (tmp_path / "first" / "model.json").write_bytes(b"{}")
    version = make_version("first")
    version.pins["model.json"] = hashlib.sha256(b"{}").hexdigest()
    version.save()

    response = admin.get(f"{LIST}{version.pk}/files/model.json")

    assert b"".join(response.streaming_content) == b"{}"
    assert response["Content-Disposition"] == 'attachment; filename="first-model.json"'


@pytest.mark.parametrize("content", [b"changed", None])
def test_a_changed_or_missing_file_is_not_handed_out(admin: Client, settings, tmp_path, content: bytes | None):
    settings.MODELS_STORE = tmp_path
    (tmp_path / "first").mkdir()
    if content is not None:
        (tmp_path / "first" / "model.json").write_bytes(content)
    version = make_version("first")

    response = admin.get(f"{LIST}{version.pk}/files/model.json", follow=True)

    assert "first: model.json" in response.content.decode()


@pytest.mark.parametrize("name", ["secret_key", "..%2F..%2Fsecret_key"])
def test_nothing_but_a_versions_files_is_handed_out(admin: Client, name: str):
    address = f"{LIST}{make_version('first').pk}/files/{name}"

    assert admin.get(address, follow=True).status_code == 404


def test_staff_without_permission_see_nothing(client: Client, staff):
    version = make_version("first")
    client.force_login(staff)

    for address in (LIST, page(version), f"{LIST}{version.pk}/promote/", f"{LIST}{version.pk}/files/model.json"):
        assert client.get(address).status_code == 403


def test_staff_who_may_look_may_not_promote(client: Client, staff):
    allow(staff, "view_modelversion")
    version = make_version("first", is_active=True)
    client.force_login(staff)

    content = client.get(page(version)).content.decode()

    assert "Roll back" not in content
    assert client.post(f"{LIST}roll-back/").status_code == 403
    assert client.get(f"{LIST}{version.pk}/promote/").status_code == 403


def test_versions_are_not_made_by_hand(admin: Client):
    assert admin.get(f"{LIST}add/").status_code == 403


def test_a_version_that_does_not_serve_is_deleted(admin: Client, settings, tmp_path):
    settings.MODELS_STORE = tmp_path
    version = make_version("first")
    address = f"{LIST}{version.pk}/delete/"

    assert "The version first and its files" in admin.get(address).content.decode()
    admin.post(address, {"post": "yes"})

    assert not ModelVersion.objects.exists()


@pytest.mark.parametrize("values", [{"is_active": True}, {"origin": "shipped"}])
def test_the_serving_version_and_shipped_ones_are_not_deleted(admin: Client, values: dict):
    version = make_version("first", **values)

    assert admin.post(f"{LIST}{version.pk}/delete/", {"post": "yes"}).status_code == 403
