"""Starting a training run in the admin."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tests.support.shipped import DEFAULT
from training.models import TrainingRun

START = "/admin/training/trainingrun/add/"
ASKED = {"architecture": "mlp", "name": "mlp-7", "seed": "3"}


@pytest.fixture(autouse=True)
def data(settings, tmp_path: Path) -> Path:
    """Something is where FER-2013 is looked for; whether it is FER-2013 the run itself finds out."""
    settings.FER2013_PATH = tmp_path / "data" / "fer2013.csv"
    settings.FER2013_VOTES_PATH = tmp_path / "data" / "fer2013new.csv"
    settings.FER2013_PATH.parent.mkdir()
    settings.FER2013_PATH.write_text("emotion,pixels,Usage\n")
    return settings.FER2013_PATH


@pytest.fixture
def admin(client: Client, administrator) -> Client:
    client.force_login(administrator)
    return client


def test_empty_fields_are_saved_as_unset(admin: Client, administrator):
    response = admin.post(START, ASKED)

    run = TrainingRun.objects.get()
    assert response.url == f"/admin/training/trainingrun/{run.pk}/change/"
    assert (run.name, run.architecture, run.epochs, run.created_by) == ("mlp-7", "mlp", 5, administrator)
    assert run.configuration["learning_rate"] is None


def test_the_settings_are_saved(admin: Client):
    more = {"epochs": "2", "learning_rate": "0.01", "batch_size": "32", "augmentation": "strong", "limit": "2000"}

    admin.post(START, {**ASKED, **more, "include_corrections": "on"})

    found = TrainingRun.objects.get().configuration
    asked = {"epochs": 2, "learning_rate": 0.01, "batch_size": 32, "augmentation": "strong", "limit": 2000}
    assert found == found | asked | {"seed": 3, "include_corrections": True, "votes": False}


def test_the_page_shows_each_architectures_own_values(admin: Client):
    content = admin.get(START).content.decode()

    assert 'data-recipe="residual" data-name="residual-' in content
    assert '<td data-field="epochs">45</td>' in content


def test_start_version_and_teachers_are_saved(admin: Client):
    versions = {"start_from": DEFAULT, "teachers": [DEFAULT, "residual-1"]}

    admin.post(START, {**ASKED, "architecture": "wide_residual", **versions})

    found = TrainingRun.objects.get().configuration
    assert (found["start_from"], found["teachers"]) == (DEFAULT, f"{DEFAULT},residual-1")


def test_a_start_version_of_another_architecture_is_refused(admin: Client):
    content = admin.post(START, {**ASKED, "start_from": DEFAULT}).content.decode()

    assert f"needs versions of the architecture mlp. {DEFAULT} has wide_residual." in content
    assert not TrainingRun.objects.exists()


def test_start_versions_are_grouped_by_architecture(admin: Client):
    content = admin.get(START).content.decode()

    group = content[content.index('<optgroup label="wide_residual">') :].split("</optgroup>")[0]
    assert f'value="{DEFAULT}"' in group
    assert 'value="residual-1"' not in group


def test_missing_data_is_shown_with_instructions(admin: Client, data: Path):
    data.unlink()

    before_anything_is_filled_in = admin.get(START).content.decode()
    after_sending_it = admin.post(START, ASKED).content.decode()

    for content in (before_anything_is_filled_in, after_sending_it):
        assert str(data) in content
        assert "FER2013_PATH" in content
        assert "kaggle.com" in content
    assert not TrainingRun.objects.exists()


def test_missing_votes_are_refused(admin: Client, settings):
    content = admin.post(START, {**ASKED, "votes": "on"}).content.decode()

    assert str(settings.FER2013_VOTES_PATH) in content
    assert not TrainingRun.objects.exists()


def test_a_used_name_is_refused(admin: Client):
    admin.post(START, ASKED)

    content = admin.post(START, ASKED).content.decode()

    assert "mlp-7" in content
    assert TrainingRun.objects.count() == 1


def test_a_refused_name_tells_the_rule(admin: Client):
    content = admin.post(START, {**ASKED, "name": "déjà vu"}).content.decode()

    assert "Use letters from a to z, digits, dots, hyphens and underscores. Start with a letter or digit." in content


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "../etc"),
        ("architecture", "transformer"),
        ("epochs", "0"),
        ("learning_rate", "0"),
        ("learning_rate", "nan"),
        ("batch_size", "many"),
        ("augmentation", "wild"),
        ("precision", "int4"),
        ("start_from", "nobody"),
        ("teachers", "nobody"),
        ("limit", "1"),
    ],
)
def test_an_invalid_value_is_shown_at_its_field(admin: Client, field: str, value: str):
    response = admin.post(START, {**ASKED, field: value})

    assert field in response.context["errors"]
    assert not TrainingRun.objects.exists()


def test_starting_needs_the_add_permission(client: Client, user):
    user.is_staff = True
    user.save()
    user.user_permissions.add(Permission.objects.get(codename="view_trainingrun"))
    client.force_login(user)

    assert client.get("/admin/training/trainingrun/").status_code == 200
    assert client.get(START).status_code == 403
    assert client.post(START, ASKED).status_code == 403
    assert not TrainingRun.objects.exists()
