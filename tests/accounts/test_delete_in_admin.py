"""An administrator deletes somebody's account in the admin: by the same road as they themselves, or not at all."""

import pytest
from django.contrib.admin.models import DELETION, LogEntry
from django.contrib.auth.models import Permission
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import AccountDeletion, User
from accounts.privacy import deletion
from analysis.audit.models import AuditEntry
from analysis.consents import services as consents
from analysis.corrections import services as corrections
from analysis.versions.models import ModelVersion
from tests.analysis.factories import make_photo
from training.models import RunContribution

LIST = reverse("admin:accounts_user_changelist")


pytestmark = pytest.mark.usefixtures("inside_a_transaction")


@pytest.fixture
def leaver(user):
    """Somebody with a photo, a consent and a correction."""
    consents.give_consent(user=user, notice_version=consents.NOTICES["training"])
    corrections.correct_face(face=make_photo(user).result.faces.first(), by=user, emotion="sad")
    return user


@pytest.fixture
def staff(db):
    """Somebody who may delete accounts, and nothing else."""
    somebody = User.objects.create_user("staff@example.org", "x", is_staff=True)
    names = ["view_user", "change_user", "delete_user"]
    somebody.user_permissions.set(Permission.objects.filter(codename__in=names))
    return somebody


def address(user):
    return reverse("admin:accounts_user_delete", args=[user.pk])


def delete_some(client, *users):
    chosen = {"action": "delete_selected", "_selected_action": [user.pk for user in users], "post": "yes"}
    return client.post(LIST, chosen)


def words(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def test_somebody_with_corrections_goes_by_the_same_road(leaver, administrator, client):
    client.force_login(administrator)
    response = client.post(address(leaver), {"post": "yes"})
    assert response.status_code == 302
    assert any("Deleted accounts are locked now" in said for said in words(response))
    deletion.sweep_deletions()
    assert not User.objects.filter(pk=leaver.pk).exists()
    assert AuditEntry.objects.get(action=AuditEntry.ACCOUNT_DELETED).actor == administrator


def test_whoever_may_delete_accounts_needs_no_permission_for_what_is_in_them(leaver, administrator, staff, client):
    client.force_login(staff)
    assert client.post(address(leaver), {"post": "yes"}).status_code == 302
    assert AccountDeletion.objects.get().user == leaver


def test_without_the_permission_nobody_goes(leaver, administrator, staff, client):
    staff.user_permissions.remove(Permission.objects.get(codename="delete_user"))
    client.force_login(staff)
    assert client.post(address(leaver), {"post": "yes"}).status_code == 403
    delete_some(client, leaver)
    assert not AccountDeletion.objects.exists()


def test_several_go_at_once(leaver, other_user, administrator, client):
    client.force_login(administrator)
    response = delete_some(client, leaver, other_user)
    assert response.status_code == 302
    assert any("Successfully deleted 2" in said for said in words(response))
    assert {gone.user for gone in AccountDeletion.objects.all()} == {leaver, other_user}


@pytest.mark.parametrize("several", [False, True])
def test_what_goes_is_said_before_and_which_versions_learnt_from_them(leaver, administrator, client, several):
    version = ModelVersion.objects.create(name="mine-1", origin="trained", pins={}, card={})
    RunContribution.objects.create(version=version, user=leaver, corrections=3)
    client.force_login(administrator)
    chosen = {"action": "delete_selected", "_selected_action": [leaver.pk]}
    page = (client.post(LIST, chosen) if several else client.get(address(leaver))).content.decode()
    assert f"{leaver}: the account with its photos" in page
    assert "mine-1" in page
    assert "permission" not in page


def test_the_last_administrator_stays_and_nothing_else_is_said(administrator, staff, client):
    client.force_login(staff)
    response = client.post(address(administrator), {"post": "yes"})
    assert words(response) == [
        f"{administrator} is the site’s only administrator. First make somebody else one, in the admin under Users."
    ]
    assert response.url == reverse("admin:accounts_user_change", args=[administrator.pk])
    assert not LogEntry.objects.filter(action_flag=DELETION).exists()
    administrator.refresh_from_db()
    assert administrator.is_active


def test_where_one_of_several_has_to_stay_all_do_and_nothing_else_is_said(leaver, administrator, client):
    client.force_login(administrator)
    response = delete_some(client, leaver, administrator)
    (said,) = words(response)
    assert said.startswith("No account was deleted. You are the site’s only administrator.")
    assert not AccountDeletion.objects.exists()
    assert not LogEntry.objects.filter(action_flag=DELETION).exists()
    leaver.refresh_from_db()
    assert leaver.is_active
