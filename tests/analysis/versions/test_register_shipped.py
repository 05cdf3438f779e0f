import json
import logging

import pytest
from django.core.management import call_command
from django.db.models.signals import post_migrate

from analysis.audit.models import AuditEntry
from analysis.recognition.bundle import pin_shipped
from analysis.versions.models import ModelVersion
from analysis.versions.services import promote_version, register_shipped

pytestmark = pytest.mark.usefixtures("smoke_in_process")


@pytest.fixture
def update(store):
    """What a later release brings: another shipped version, the new default."""
    store.write("next-1")
    pin_shipped(store.folder, "next-1", default=True)


def test_the_default_serves(first, serving):
    assert (first.origin, first.activated_at is not None, serving()) == ("shipped", True, ["first-1"])


def test_migrate_registers_it(store, db, serving):
    ModelVersion.objects.all().delete()
    call_command("migrate", verbosity=0)
    assert serving() == ["first-1"]


def test_again_it_changes_nothing(first, serving):
    before = ModelVersion.objects.values().get()
    register_shipped()
    assert ModelVersion.objects.values().get() == before


def test_an_update_brings_its_default_to_whoever_never_chose(first, update, serving):
    register_shipped()
    assert serving() == ["next-1"]


def test_an_update_leaves_a_choice_alone(second, update, serving):
    promote_version(version=second, actor=None)
    register_shipped()
    assert serving() == ["second-1"]


def test_a_choice_that_is_no_longer_shipped_gives_way_to_the_default(second, first, store, update, serving):
    promote_version(version=second, actor=None)
    promote_version(version=first, actor=None)
    content = json.loads((store.folder / "shipped.json").read_text())
    del content["versions"]["first-1"]
    (store.folder / "shipped.json").write_text(json.dumps(content))
    register_shipped()
    assert serving() == ["next-1"]


def test_new_files_of_a_shipped_version_are_pinned_anew(first, store):
    (store.folder / "first-1" / "model.weights.h5").write_bytes(b"other weights")
    pin_shipped(store.folder, "first-1", default=True)
    register_shipped()
    assert ModelVersion.objects.get(name="first-1").pins == store.pins("first-1")


def test_a_broken_one_is_left_out_with_a_warning(store, db, caplog):
    ModelVersion.objects.all().delete()
    store.break_byte("first-1")
    with caplog.at_level(logging.WARNING):
        register_shipped()
    assert not ModelVersion.objects.exists()
    assert "first-1/model.tflite was changed" in caplog.text


def test_without_any_migrate_still_ends_well(store, db, caplog):
    ModelVersion.objects.all().delete()
    (store.folder / "shipped.json").unlink()
    register_shipped()
    assert "shipped.json" in caplog.text


def test_migrating_back_to_before_the_table_does_not_look_for_it(store, db):
    from django.apps import apps
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    past = MigrationExecutor(connection).loader.project_state(("analysis", "0001_initial")).apps
    ModelVersion.objects.all().delete()
    config = apps.get_app_config("analysis")
    post_migrate.send(config, app_config=config, verbosity=0, interactive=False, using="default", apps=past, plan=[])
    assert not ModelVersion.objects.exists()


def test_it_is_not_in_the_log_of_decisions(first):
    assert not AuditEntry.objects.exists()
