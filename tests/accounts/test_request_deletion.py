"""Asking for one's account to be deleted: locked at once, then emptied."""

import json
import re

import pytest
from allauth.account.models import EmailAddress
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.sessions.models import Session as SignInSession
from django.urls import reverse

from accounts import services
from accounts.errors import AccountsError
from accounts.models import AccountDeletion, ApiToken, Invitation, User
from accounts.privacy import deletion
from accounts.tokens import services as tokens
from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.history.models import HistorySum
from analysis.photos.models import Photo
from analysis.sessions.models import Session
from analysis.sessions.services import NewSample, record_samples, start_session
from tests.analysis.factories import make_photo

HAPPY = (0.0, 0.0, 0.0, 0.9, 0.05, 0.05, 0.0)


pytestmark = pytest.mark.usefixtures("inside_a_transaction")


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
    with pytest.raises(AccountsError, match="You are the site’s only administrator"):
        deletion.request_deletion(user=administrator)
    with pytest.raises(AccountsError, match=f"{administrator} is the site’s only administrator"):
        deletion.request_deletion(user=administrator, by=user)
    administrator.refresh_from_db()
    assert administrator.is_active


def test_one_of_two_administrators_can_be_deleted(administrator, user):
    User.objects.create_superuser("second@example.org", "x")
    deletion.request_deletion(user=administrator)
    deletion.sweep_deletions()
    assert not User.objects.filter(pk=administrator.pk).exists()


def test_what_they_did_stays_under_a_pseudonym(user, emptied):
    record_audit(actor=user, action=AuditEntry.PROMOTED, subject="residual-1")
    emptied()
    deed, gone = AuditEntry.objects.order_by("pk")
    assert (deed.actor, gone.actor) == (None, None)
    assert deed.who.startswith("former user ")
    assert gone.who == deed.who == gone.subject


@pytest.fixture
def noted(administrator):
    """Have the admin note something about a row, as it does; return what it notes by then."""

    def note(row, message=""):
        told = message or [{"deleted": {"name": "something", "object": str(row)}}]
        LogEntry.objects.log_actions(administrator.pk, [row], CHANGE, told)
        return LogEntry.objects.latest("pk")

    return note


def test_others_rows_forget_the_address(user, administrator, noted, emptied):
    invitation = services.create_invitation(created_by=administrator, email=user.email).invitation
    services.use_invitation(invitation=invitation, user=user)
    for row in (user, invitation, EmailAddress.objects.create(user=user, email=user.email)):
        noted(row)
    emptied()
    for entry in LogEntry.objects.all():
        assert user.email not in entry.object_repr + entry.change_message
    assert Invitation.objects.get().email == ""


@pytest.mark.parametrize("former", ["ada.second@example.org", "ada@b\u00fccher.example"])
def test_the_admins_log_forgets_every_address_that_is_told_of(user, noted, emptied, former):
    second = EmailAddress.objects.create(user=user, email=former)
    noted(second)
    EmailAddress.objects.filter(pk=second.pk).delete()
    # The account had that address when the admin noted something about it.
    User.objects.filter(pk=user.pk).update(email=former)
    noted(User.objects.get(pk=user.pk))
    User.objects.filter(pk=user.pk).update(email=user.email)
    noted(EmailAddress.objects.create(user=user, email="ada.third@example.org"))
    emptied()
    told = "".join(json.dumps([e.object_repr, e.get_change_message()]) for e in LogEntry.objects.all())
    assert "ada" not in told
    assert "former user" in told


def test_the_admins_log_keeps_others_addresses(user, administrator, noted, emptied):
    texts = [f"n{user.email}", f"{user.email}.uk", administrator.email]
    entries = [noted(Invitation(email=text)) for text in texts]
    mine = noted(Invitation(email=user.email), f"Sent to {user.email}. It came back.")
    emptied()
    assert [LogEntry.objects.get(pk=e.pk).object_repr for e in entries] == [f"Invitation for {text}" for text in texts]
    mine.refresh_from_db()
    assert re.fullmatch(r"Invitation for former user \w+", mine.object_repr)
    assert re.fullmatch(r"Sent to former user \w+\. It came back\.", mine.change_message)


def test_an_address_used_by_another_account_now_stays(user, other_user, administrator, noted, emptied):
    noted(User(pk=user.pk, email=other_user.email))
    theirs = noted(other_user)
    invitation = services.create_invitation(created_by=administrator, email=other_user.email).invitation
    emptied()
    theirs.refresh_from_db()
    assert theirs.object_repr == other_user.email
    assert Invitation.objects.get() == invitation


def test_deleting_a_user_invited_without_address_affects_nobody_else(user, administrator, noted, emptied):
    services.use_invitation(invitation=services.create_invitation(created_by=administrator).invitation, user=user)
    for_anybody = services.create_invitation(created_by=administrator).invitation
    entry = noted(administrator)
    emptied()
    assert for_anybody in Invitation.objects.pending()
    entry.refresh_from_db()
    assert entry.object_repr == administrator.email


def test_a_pending_invitation_for_their_address_is_deleted(user, administrator, emptied):
    services.create_invitation(created_by=administrator, email=user.email)
    emptied()
    assert not Invitation.objects.exists()


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
