import uuid

import pytest
from django.urls import reverse

from analysis.sessions.models import Session
from tests.analysis.session_factories import make_session

PAGES = ["session", "session-delete", "session-data", "session-csv"]
WRITES = ["session-edit", "session-delete"]


@pytest.mark.parametrize("name", PAGES)
def test_another_users_session_is_404(signed_in, other_user, name):
    session = make_session(other_user, {0: "happy"})
    assert signed_in.get(reverse(f"analysis:{name}", args=[session.pk])).status_code == 404


@pytest.mark.parametrize("name", WRITES)
def test_another_users_session_cannot_be_changed(signed_in, other_user, name):
    session = make_session(other_user, name="Theirs")
    assert signed_in.post(reverse(f"analysis:{name}", args=[session.pk]), {"name": "Mine"}).status_code == 404
    assert Session.objects.get().name == "Theirs"


@pytest.mark.parametrize("name", PAGES)
def test_staff_see_no_more_than_others(client, administrator, user, name):
    client.force_login(administrator)
    session = make_session(user, {0: "happy"})
    assert client.get(reverse(f"analysis:{name}", args=[session.pk])).status_code == 404


@pytest.mark.parametrize("name", ["session", "session-delete", "session-csv", "session-data", "sessions"])
def test_a_visitor_is_asked_to_sign_in(client, user, name):
    arguments = [] if name == "sessions" else [make_session(user).pk]
    response = client.get(reverse(f"analysis:{name}", args=arguments))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.parametrize(("name", "method"), [("session-edit", "post"), ("session-data", "get")])
def test_a_visitors_script_gets_a_401(client, user, name, method):
    address = reverse(f"analysis:{name}", args=[make_session(user).pk])
    response = getattr(client, method)(address, HTTP_ACCEPT="application/json")
    assert (response.status_code, response.json()["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize("name", PAGES)
def test_an_unknown_id_looks_like_another_users(signed_in, name):
    assert signed_in.get(reverse(f"analysis:{name}", args=[uuid.uuid4()])).status_code == 404


def test_the_list_has_only_the_users_own(signed_in, user, other_user):
    make_session(user, name="Mine")
    make_session(other_user, name="Theirs")
    content = signed_in.get(reverse("analysis:sessions")).content.decode()
    assert "Mine" in content
    assert "Theirs" not in content
