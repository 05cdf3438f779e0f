"""Trained versions in an S3 bucket: other hosts fetch what they serve, as it was pinned."""

import datetime as dt
import json
import os
from pathlib import Path

import pytest

from analysis.management.commands.sweep_files import sweep_files
from analysis.recognition.bundle import FILES, read_bundle
from analysis.recognition.errors import RecognitionError
from analysis.versions.active import ServingModel
from analysis.versions.lookup import Lookup, PinnedVersion
from analysis.versions.models import ModelVersion
from analysis.versions.services import delete_version, find_bundle, promote_version, register_local, register_shipped
from analysis.versions.smoke_test import smoke_test
from analysis.versions.store import remove_unregistered, trained_store, version_folder

NOW = dt.timedelta(0)


@pytest.fixture
def names(bucket, s3_server):
    """Return the names of the objects in the site's bucket."""
    return lambda: s3_server.names(bucket.bucket_name)


def _folder(version: ModelVersion, store) -> Path:
    return version_folder(store.folder, version.name, version.pins)


def test_it_is_fetched_once(elsewhere, store, bucket, s3_server):
    folder = _folder(elsewhere, store)
    assert folder == trained_store() / "trial-1"
    assert read_bundle(folder, elsewhere.pins).name == "trial-1"
    assert [path.name for path in trained_store().iterdir()] == ["trial-1"]
    bucket.delete_all("models/")
    assert _folder(elsewhere, store) == folder


def test_a_cached_file_that_is_not_as_pinned_is_fetched_again(elsewhere, store):
    (_folder(elsewhere, store) / "model.tflite").write_bytes(b"spoilt")
    assert read_bundle(_folder(elsewhere, store), elsewhere.pins)


def test_an_object_that_is_not_as_pinned_is_refused(elsewhere, store, bucket, names, s3_server):
    key = next(name for name in names() if name.endswith("model.tflite"))
    s3_server.client().put_object(Bucket=bucket.bucket_name, Key=key, Body=b"another network")
    with pytest.raises(RecognitionError, match=r"model\.tflite was changed") as raised:
        _folder(elsewhere, store)
    assert raised.value.code == "model_corrupt"
    assert not list(trained_store().iterdir())


def test_while_the_bucket_is_away_what_serves_goes_on(elsewhere, store, first, s3_server):
    pinned = [PinnedVersion(first.name, first.pins)]
    serving = ServingModel(store=store.folder, refresh_seconds=0.0, look_up=lambda: Lookup(pinned[-1]))
    serving.refresh()
    pinned.append(PinnedVersion(elsewhere.name, elsewhere.pins))
    s3_server.stop()
    try:
        serving.refresh()
        assert serving.bundle().name == "first-1"
        report = smoke_test(version=elsewhere)
    finally:
        s3_server.start()
    assert (report.ok, report.code) == (False, "model_missing")
    serving.refresh()
    assert serving.bundle().name == "trial-1"


def test_it_is_promoted_and_found_on_this_host(elsewhere):
    promote_version(version=elsewhere, actor=None, reason="as good")
    assert ModelVersion.objects.active() == elsewhere
    assert find_bundle(name="trial-1").folder == trained_store() / "trial-1"


@pytest.mark.django_db(transaction=True)
def test_its_deletion_reaches_the_bucket_and_every_host(elsewhere, store, names):
    other_host = _folder(elsewhere, store)
    delete_version(version=elsewhere, actor=None)
    assert names() == []
    assert not other_host.exists()


def test_other_hosts_remove_it_once_it_is_not_registered(elsewhere, store):
    folder = _folder(elsewhere, store)
    elsewhere.delete()
    remove_unregistered()
    assert folder.exists(), "a training may be about to register what it has just written"
    os.utime(folder, (0, 0))
    remove_unregistered()
    assert not folder.exists()


def test_a_version_from_before_the_bucket_is_copied_there(bucket, first, store, make_version, names):
    make_version("trial-1")
    register_shipped()
    assert sorted(name.rsplit("/", 1)[1] for name in names()) == sorted(FILES)
    assert all(name.startswith("models/trial-1/") for name in names())


def test_one_registered_from_the_shell_is_copied_there(bucket, first, store, names):
    pins = store.write("shell-1")
    (store.folder / "shell-1" / "card.json").write_text(_card(store, pins))
    register_local(name="shell-1")
    assert len(names()) == len(FILES)


def _card(store, pins):
    files = {file: {"sha256": pin} for file, pin in pins.items() if file != "card.json"}
    return json.dumps({**store.card("shell-1"), "files": files})


def test_the_sweep_spares_registered_versions(elsewhere, names):
    assert sweep_files(older_than=NOW) == 0
    elsewhere.delete()
    assert sweep_files(older_than=NOW) == len(FILES)
    assert names() == []
