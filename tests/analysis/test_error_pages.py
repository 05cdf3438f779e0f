import pytest
from django.template.loader import render_to_string
from django.urls import reverse


def test_an_unknown_address_gets_a_page_that_leads_on(client, db):
    response = client.get("/nothing/here/")
    assert response.status_code == 404
    assert b"Page not found" in response.content
    assert reverse("analysis:landing").encode() in response.content


@pytest.mark.parametrize("name", ["400.html", "403.html", "403_csrf.html", "404.html", "refused.html", "500.html"])
def test_each_page_renders_without_a_request(name):
    """As when the request itself is what is broken."""
    assert "<h1" in render_to_string(name)


def test_a_broken_view_gets_the_plain_page(client, db, monkeypatch):
    client.raise_request_exception = False
    monkeypatch.setattr("analysis.photos.views.shown_faces", _break)
    response = client.get(reverse("analysis:landing"))
    assert response.status_code == 500
    assert b"Something went wrong" in response.content


def _break():
    raise RuntimeError("broken on purpose")
