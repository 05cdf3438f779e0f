"""Asking for one's account to be deleted: locked at once, then emptied."""

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as SignInSession
from django.urls import reverse

from accounts import deletion, services, tokens
from accounts.errors import AccountsError
from accounts.models import AccountDeletion, ApiToken, Invitation, User
from analysis import consents, corrections
from analysis.audit import record
from analysis.models import AuditEntry, HistorySum, Photo, Session
from analysis.sessions import NewSample, record_samples, start_session
from tests.analysis.factories import make_photo
from training.models import RunContribution, State, TrainingRun

HAPPY = (0.0, 0.0, 0.0, 0.9, 0.05, 0.05, 0.0)


@pytest.fixture(autouse=True)
def _inside_a_transaction(monkeypatch):
    """SQLite erases nothing inside of one; tests/ferproject/test_deletion_leaves_nothing.py is about that."""
    monkeypatch.setattr("accounts.deletion.erase_deleted", lambda: True)


@pytest.fixture
def emptied(user, administrator):
    """A user who leaves, once the worker has been there."""

    def empty():
        deletion.request_deletion(user=user)
        deletion.sweep_deletions()
        return user

    return empty


def test_it_locks_the_account_at_once(user, administrator, client, password):
    client.login(username=user.email, password=password)
    _, secret = ApiToken.objects.create(user, name="laptop")
    deletion.request_deletion(user=user)
    assert client.get(reverse("accounts:profile")).status_code == 302
    assert not client.login(username=user.email, password=password)
    assert tokens.find_token(secret=secret) is None
    assert not SignInSession.objects.exists()


def test_it_leaves_other_peoples_sign_ins(user, administrator, client, password):
    client.login(username=administrator.email, password=password)
    deletion.request_deletion(user=user)
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_the_worker_takes_everything_along(user, other_user, emptied):
    make_photo(user)
    others = make_photo(other_user)
    session = start_session(owner=user, name="Morning")
    record_samples(samples=[NewSample(session.pk, 0, 1, 5, "residual-1", HAPPY)])
    emptied()
    assert not User.objects.filter(pk=user.pk).exists()
    assert list(Photo.objects.all()) == [others]
    assert not Session.objects.exists()
    assert {row.owner_id for row in HistorySum.objects.all()} <= {other_user.pk}
    assert not AccountDeletion.objects.exists()


def test_asking_twice_is_asking_once(user, administrator):
    first, second = (deletion.request_deletion(user=user) for _ in range(2))
    assert first == second
    assert AuditEntry.objects.filter(action=AuditEntry.ACCOUNT_DELETED).count() == 1


def test_the_only_administrator_stays(administrator, user):
    with pytest.raises(AccountsError, match="only administrator"):
        deletion.request_deletion(user=administrator)
    administrator.refresh_from_db()
    assert administrator.is_active


def test_of_two_administrators_one_may_go(administrator, user):
    User.objects.create_superuser("second@example.org", "x")
    deletion.request_deletion(user=administrator)
    deletion.sweep_deletions()
    assert not User.objects.filter(pk=administrator.pk).exists()


def test_what_they_did_stays_under_a_pseudonym(user, emptied):
    record(actor=user, action=AuditEntry.PROMOTED, subject="residual-1")
    emptied()
    deed, gone = AuditEntry.objects.order_by("pk")
    assert (deed.actor, gone.actor) == (None, None)
    assert deed.who.startswith("former user ")
    assert gone.who == deed.who == gone.subject


def test_others_rows_forget_the_address(user, administrator, emptied):
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(
        user=administrator, content_type=kind, object_id=str(user.pk), object_repr=user.email, action_flag=CHANGE
    )
    invitation = services.create_invitation(created_by=administrator, email=user.email).invitation
    services.use_invitation(invitation=invitation, user=user)
    emptied()
    assert user.email not in LogEntry.objects.get().object_repr
    assert Invitation.objects.get().email == ""


@pytest.fixture
def learnt(user):
    """A run that learnt from the user's corrections, with a checkpoint."""

    def learn(state=State.CANCELLED):
        run = TrainingRun.objects.create(name="mine-1", architecture="mlp", state=state, slot=None)
        RunContribution.objects.create(run=run, user=user, corrections=3)
        from training.services import checkpoint_folder

        folder = checkpoint_folder(run.name)
        folder.mkdir(parents=True)
        (folder / "epoch-001.weights.h5").write_bytes(b"weights")
        return run, folder

    return learn


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
    monkeypatch.setattr("training.contributions.runs.cancel_run", lambda run: None)
    emptied()
    assert User.objects.filter(pk=user.pk).exists()
    TrainingRun.objects.update(state=State.CANCELLED)
    deletion.sweep_deletions()
    assert not User.objects.filter(pk=user.pk).exists()
    assert not folder.exists()


def test_it_names_the_versions_that_learnt_from_them(user, administrator, learnt, client, password):
    from analysis.models import ModelVersion

    run, _ = learnt(State.FINISHED)
    run.version = ModelVersion.objects.create(name="mine-1", origin="trained", pins={}, card={})
    run.save()
    client.force_login(user)
    deletion.request_deletion(user=user)
    assert AuditEntry.objects.get().details == {"versions": ["mine-1"]}


def test_corrections_leave_the_pool(user, emptied):
    consents.give_consent(user=user, notice_version=consents.training_notice())
    photo = make_photo(user)
    face = photo.result.faces.first()
    corrections.correct_face(face=face, by=user, emotion="sad" if face.emotion != "sad" else "angry")
    emptied()
    assert len(corrections.approved_rows().labels) == 0


def test_the_page_says_what_goes_and_asks_for_the_password(user, administrator, client, password):
    make_photo(user)
    client.force_login(user)
    page = reverse("accounts:delete")
    asked = client.get(page)
    assert (asked.status_code, "reauthenticate" in asked.url) == (302, True)
    client.post(asked.url, {"password": password})
    assert "1 photo " in client.get(page).content.decode()
    response = client.post(page, follow=True)
    assert "is being deleted" in response.content.decode()
    assert AccountDeletion.objects.count() == 1


def test_the_admin_takes_the_same_road(user, administrator, client):
    client.force_login(administrator)
    response = client.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"}, follow=True)
    assert response.status_code == 200
    deletion.sweep_deletions()
    assert not User.objects.filter(pk=user.pk).exists()
    assert AuditEntry.objects.get(action=AuditEntry.ACCOUNT_DELETED).actor == administrator
