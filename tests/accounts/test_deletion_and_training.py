"""What becomes of somebody's corrections, and of what learnt from them, when they delete their account."""

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.privacy import deletion
from analysis.audit.models import AuditEntry
from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.corrections import training_rows as training_pool
from analysis.versions.models import ModelVersion
from tests.analysis.factories import make_photo
from training.checkpoints import checkpoint_folder
from training.models import RunContribution, State, TrainingRun
from training.runs import child
from training.runs import services as runs

pytestmark = pytest.mark.usefixtures("inside_a_transaction")


@pytest.fixture
def approved(user, administrator):
    """A correction of the user's, in the pool."""
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    correction = corrections.correct_face(face=make_photo(user).result.faces.first(), by=user, emotion="sad")
    corrections.review_correction(correction=correction, by=administrator, approve=True)
    assert list(training_pool.approved_rows().authors) == [user.pk]
    return correction


@pytest.fixture
def make_run(db):
    def make(state=State.CANCELLED, name="mine-1", **fields):
        return TrainingRun.objects.create(name=name, architecture="mlp", state=state, **fields)

    return make


def leave_weights(run):
    folder = checkpoint_folder(run.name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "epoch-001.weights.h5").write_bytes(b"weights")
    return folder


@pytest.fixture
def learnt(user, make_run):
    """A run that learnt from the user's corrections, with a checkpoint."""

    def learn(state=State.CANCELLED, **fields):
        run = make_run(state, **fields)
        RunContribution.objects.create(run=run, version=run.version, user=user, corrections=3)
        return run, leave_weights(run)

    return learn


@pytest.fixture
def version(db):
    return ModelVersion.objects.create(name="mine-1", origin="trained", pins={}, card={})


def noted_versions():
    return AuditEntry.objects.get(action=AuditEntry.ACCOUNT_DELETED).details["versions"]


def test_corrections_leave_the_pool_at_once(user, approved):
    deletion.request_deletion(user=user)
    assert len(training_pool.approved_rows().labels) == 0


def test_corrections_are_deleted_with_the_account(approved, emptied):
    emptied()
    assert not type(approved).objects.exists()
    assert len(training_pool.approved_rows().labels) == 0


def test_checkpoints_that_learnt_from_them_go(learnt, emptied):
    _, folder = learnt()
    emptied()
    assert not folder.exists()
    assert RunContribution.objects.get().user is None


def test_a_waiting_run_that_would_learn_from_them_is_cancelled(learnt, emptied):
    run, folder = learnt(State.QUEUED)
    emptied()
    run.refresh_from_db()
    assert run.state == State.CANCELLED
    assert not folder.exists()


def test_a_running_run_is_waited_for(user, learnt, emptied, monkeypatch):
    _run, folder = learnt(State.TRAINING)
    monkeypatch.setattr("training.runs.contributions.cancel_run", lambda run: None)
    emptied()
    assert User.objects.filter(pk=user.pk).exists()
    TrainingRun.objects.update(state=State.CANCELLED)
    deletion.sweep_deletions()
    assert not User.objects.filter(pk=user.pk).exists()
    assert not folder.exists()


def test_a_checkpoint_written_by_a_resumed_run_is_deleted_too(user, learnt, emptied, monkeypatch):
    run, _ = learnt()
    delete = deletion.delete_photos

    def train_and_delete(owner, ids):
        leave_weights(run)
        return delete(owner=owner, ids=ids)

    monkeypatch.setattr("accounts.privacy.deletion.delete_photos", train_and_delete)
    make_photo(user)
    emptied()
    assert not User.objects.filter(pk=user.pk).exists()
    assert not checkpoint_folder(run.name).exists()


def test_a_run_that_was_resumed_meanwhile_is_waited_for(user, learnt, emptied, monkeypatch):
    run, folder = learnt()
    rows, delete = TrainingRun.objects.filter(pk=run.pk), deletion.delete_photos

    def resume_and_delete(owner, ids):
        rows.update(state=State.TRAINING)
        return delete(owner=owner, ids=ids)

    monkeypatch.setattr("accounts.privacy.deletion.delete_photos", resume_and_delete)
    monkeypatch.setattr("training.runs.contributions.cancel_run", lambda run: None)
    make_photo(user)
    emptied()
    assert User.objects.filter(pk=user.pk).exists()
    rows.update(state=State.CANCELLED)
    deletion.sweep_deletions()
    assert not User.objects.filter(pk=user.pk).exists()
    assert not folder.exists()


def test_withdrawn_before_a_resume_it_is_still_in_the_checkpoint_which_goes(user, approved, make_run, emptied):
    run = make_run(State.PREPARING, slot=1)
    assert len(child._corrections(run)) == 1
    folder = leave_weights(run)
    consents.withdraw_consent(user=user)
    assert len(child._corrections(run)) == 0
    TrainingRun.objects.update(state=State.CANCELLED, slot=None)
    emptied()
    assert not folder.exists()


def test_a_user_deleted_while_a_run_reads_corrections_is_not_learnt_from(approved, make_run, emptied, monkeypatch):
    read, times = training_pool.approved_rows, []

    def read_while_they_leave():
        rows = read()
        if not times:
            emptied()
        times.append(len(rows.labels))
        return rows

    monkeypatch.setattr(child, "approved_rows", read_while_they_leave)
    run = make_run(State.PREPARING, slot=1)
    assert len(child._corrections(run)) == 0
    assert times == [1, 0]
    assert not RunContribution.objects.exists()


def test_it_names_the_versions_that_learnt_from_them(user, administrator, learnt, version):
    learnt(State.FINISHED, version=version)
    deletion.request_deletion(user=user)
    assert noted_versions() == ["mine-1"]


def test_it_names_a_version_whose_run_was_removed(user, administrator, learnt, version):
    run, _ = learnt(State.FINISHED, version=version)
    runs.delete_run(run=run)
    deletion.request_deletion(user=user)
    assert noted_versions() == ["mine-1"]


def test_it_names_a_version_finished_while_being_cancelled(user, administrator, learnt, version):
    run, _ = learnt(State.EVALUATING)
    deletion.request_deletion(user=user)
    assert noted_versions() == []
    TrainingRun.objects.filter(pk=run.pk).update(state=State.FINISHED, version=version)
    RunContribution.objects.update(version=version)
    deletion.sweep_deletions()
    assert noted_versions() == ["mine-1"]


def test_the_page_names_the_versions_before_it_asks(user, administrator, learnt, version, client, password):
    client.force_login(user)
    page = reverse("accounts:delete")
    client.post(client.get(page).url, {"password": password})
    assert "learnt from your corrections" not in client.get(page).content.decode()
    learnt(State.FINISHED, version=version)
    assert "This version learnt from your corrections: <strong>mine-1</strong>" in " ".join(
        client.get(page).content.decode().split()
    )
