"""Finishing a run, which registers one version."""

import pytest

from analysis.recognition.bundle import FILES, file_sha256, write_bundle
from analysis.versions.models import ModelVersion
from training.models import RunContribution, State
from training.pipeline import adopt_version
from training.runs.claims import finish_run
from training.runs.contributions import versions_learnt_from


@pytest.fixture
def run(make_run):
    return make_run(state=State.EVALUATING)


@pytest.fixture
def bundle(store, run):
    files = {name: name.encode() for name in FILES if name != "card.json"}
    return write_bundle(store, run.name, files, {"name": run.name, "run": str(run.pk)})


def test_it_registers_the_version_with_its_pins(run, bundle):
    version = finish_run(token=run.token, bundle=bundle)
    run.refresh_from_db()
    assert (run.state, run.version, run.epoch) == (State.FINISHED, version, run.epochs)
    assert version.pins == {name: file_sha256(bundle.folder / name) for name in FILES}
    assert not version.is_active


def test_contributions_name_the_version(run, bundle, user):
    RunContribution.objects.create(run=run, user=user, corrections=3)
    finish_run(token=run.token, bundle=bundle)
    assert versions_learnt_from(user=user) == [run.name]


def test_without_the_lease_no_version_is_registered(run, bundle):
    lost = run.token
    run.token = None
    run.save()
    assert finish_run(token=lost, bundle=bundle) is None
    assert not ModelVersion.objects.filter(name=run.name).exists()


def test_a_version_written_before_a_kill_is_adopted(run, bundle, store):
    half = store / f".{run.name}.0a1b2c3d"
    half.mkdir()
    adopted = adopt_version(version=run.name, run=str(run.pk))
    assert adopted.folder == bundle.folder
    assert not half.exists()


def test_another_runs_version_is_not_adopted(bundle, run):
    assert adopt_version(version=run.name, run="another") is None


def test_without_a_version_nothing_is_adopted(store, run):
    assert adopt_version(version=run.name, run=str(run.pk)) is None
