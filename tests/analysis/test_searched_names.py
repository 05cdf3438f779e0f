"""Search by a part of the name, alike on every database."""

import importlib

import pytest
from django.apps import apps
from django.urls import reverse

from analysis.models import Photo, Session, Video
from analysis.searched_names import fold_name
from analysis.sessions.services import edit_session
from tests.analysis.factories import make_photo
from tests.analysis.session_factories import make_session

NAME = "Straße_01 100% Ёлка Zoë.jpg"
LISTS = {"photos": "history", "sessions": "sessions", "videos": "videos"}
API = {"photos": "analyses", "sessions": "sessions", "videos": "videos"}


def _make(owner, kind, name):
    if kind == "photos":
        return make_photo(owner, name=name)
    if kind == "sessions":
        return make_session(owner, name=name)
    return Video.objects.create(owner=owner, name=name, bytes=1)


@pytest.fixture(params=LISTS)
def kind(request, user, other_user):
    for owner, name in [(user, NAME), (user, "else.jpg"), (other_user, NAME)]:
        _make(owner, request.param, name)
    return request.param


@pytest.mark.parametrize("text", ["straße", "STRASSE", "aße_0", "%", "_01", "ЕЛКА", "ёлк", "zoe", "ZOE\u0308", "zoë"])
def test_letter_case_and_accents_do_not_matter(kind, signed_in, api, text):
    rows = signed_in.get(reverse(f"analysis:{LISTS[kind]}"), {"name": text}).context["page"].rows
    assert [row.name for row in rows] == [NAME]
    found = api.get(f"/api/v1/{API[kind]}/", {"search": text}).json()["results"]
    assert [row["name"] for row in found] == [NAME]


def test_where_nothing_is_found_the_page_says_so_and_leads_back(kind, signed_in):
    content = signed_in.get(reverse(f"analysis:{LISTS[kind]}"), {"name": "zebra"}).content.decode()
    assert f'href="{reverse(f"analysis:{LISTS[kind]}")}"' in content
    assert 'value="zebra"' in content
    assert NAME not in content


def test_a_bulk_action_on_all_that_match(kind, signed_in, api, user, settings):
    for sent in (
        lambda: api.post(
            "/api/v1/bulk/", {"action": "delete", "kind": kind, "filter": {"search": "zoe"}}, format="json"
        ),
        lambda: signed_in.post(
            reverse(f"analysis:{kind}-delete"), {"all": "1", "filter": "name=else", "confirmed": "1"}
        ),
    ):
        assert sent().status_code in (202, 302)
    assert {"photos": Photo, "sessions": Session, "videos": Video}[kind].objects.owned_by(user).count() == 0


@pytest.mark.parametrize(
    ("name", "folded"),
    [
        ("ZOE\u0308", "zoe"),
        ("Ångström", "angstrom"),
        ("ΆΝΝΑ", "αννα"),
        ("がんばれ", "がんばれ"),
        ("हिंदी", "हिंदी"),
        ("한글", "한글"),
    ],
)
def test_marks_that_make_another_letter_stay(name, folded):
    assert fold_name(name) == folded


def test_a_renamed_session_is_found_by_its_new_name_and_its_video_by_both(user):
    session = make_session(user, name="film.mp4", source=Session.Source.VIDEO)
    Video.objects.create(owner=user, name="film.mp4", bytes=1, session=session)
    edit_session(session=session, name="Première")
    found = {name: Session.objects.matching(name=name).count() for name in ("film", "premiere")}
    assert found == {"film": 0, "premiere": 1}
    assert [Video.objects.matching(name=name).count() for name in ("film", "premiere", "zebra")] == [1, 1, 0]


def test_the_migration_fills_what_was_there(user):
    for kind in LISTS:
        _make(user, kind, NAME)
    for model in (Photo, Session, Video):
        model.objects.update(search_name="zoë" if model is Photo else "")
    importlib.import_module("analysis.migrations.0034_fill_search_names").fill(apps, None)
    for model in (Photo, Session, Video):
        assert model.objects.get().search_name == fold_name(NAME)
