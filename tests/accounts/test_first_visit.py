"""Until somebody administers the site, every page leads to the set-up."""

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.middleware import FirstRunMiddleware
from accounts.models import User
from accounts.signup import first_run


@pytest.mark.parametrize("path", ["/", "/history/", "/accounts/login/", "/admin/", "/account/", "/no/such/page/"])
def test_every_page_leads_to_the_set_up(new_site, client, path: str):
    response = client.get(path)

    assert (response.status_code, response["Location"]) == (302, "/setup/")


def test_a_submitted_form_redirects_there_too(new_site, client):
    assert client.post("/accounts/login/", {"login": "a@example.org"})["Location"] == "/setup/"


def test_people_who_do_not_administer_do_not_count(new_site, client, user):
    assert client.get("/")["Location"] == "/setup/"


def test_a_deactivated_administrator_does_not_count(new_site, client, administrator):
    User.objects.update(is_active=False)

    assert client.get("/")["Location"] == "/setup/"


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/api/v1/photos/", {}),
        ("/history/", {"accept": "application/json"}),
        ("/history/", {"content-type": "application/json"}),
    ],
)
def test_a_program_receives_503(new_site, client, path: str, headers: dict[str, str]):
    response = client.get(path, headers=headers)

    assert response.status_code == 503
    assert set(response.json()) == {"code", "message", "errors"}
    assert response.json()["code"] == "not_set_up"


def test_a_program_that_accepts_anything_is_redirected(new_site, client):
    assert client.get("/", headers={"accept": "*/*"}).status_code == 302


def test_a_missing_static_file_is_just_missing(new_site, client):
    assert client.get("/static/css/none.css").status_code == 404


def test_pages_open_once_an_administrator_exists(new_site, client, administrator):
    assert client.get("/accounts/login/").status_code == 200


def test_the_database_is_not_asked_again_once_set_up(new_site, administrator, django_assert_num_queries):
    middleware = FirstRunMiddleware(lambda request: HttpResponse())
    request = RequestFactory().get("/")
    middleware(request)

    with django_assert_num_queries(0):
        middleware(request)


def test_another_process_learns_that_the_site_was_set_up(new_site):
    assert not first_run.is_set_up()
    User.objects.create_superuser("elsewhere@example.org", "x")

    assert first_run.is_set_up()
