"""The page of one session, live or from a video."""

import json

import pytest
from django.urls import reverse

from analysis.sessions.models import Session
from tests.analysis.session_factories import add_samples, make_session


def _page(client, session):
    response = client.get(reverse("analysis:session", args=[session.pk]))
    assert response.status_code == 200
    return response.content.decode()


def _edit(client, session, *, accept="text/html", **fields):
    return client.post(reverse("analysis:session-edit", args=[session.pk]), fields, HTTP_ACCEPT=accept)


def test_it_shows_n_and_every_model_version(signed_in, user):
    session = make_session(user, {0: "happy", 1: "sad"})
    add_samples(session, [(2, 2, "fear")], model="test-2")
    content = " ".join(_page(signed_in, session).split())
    assert "n = 3 seconds of 2 faces" in content
    assert "test-1</a>, <a" in content
    assert "test-2</a>" in content


def test_each_face_is_summarized(signed_in, user):
    content = _page(signed_in, make_session(user, {0: "happy", 1: "happy", 65: "sad"}))
    assert "3 s, from 0:00 to 1:05" in content
    assert "happy 67%" in content
    assert "Mean confidence" in content


def test_a_table_repeats_the_chart(signed_in, user):
    content = _page(signed_in, make_session(user, {0: "happy"}, seconds=2))
    assert '<th scope="row">0:00 to 0:01</th><td>1</td><td>1</td><td>happy 70%' in content
    assert "no face found" in content


def test_one_without_a_sample_says_so_and_can_still_be_annotated(signed_in, user):
    content = _page(signed_in, make_session(user))
    assert "No face found" in content
    assert "chart.umd.min.js" not in content
    assert 'name="notes"' in content


def test_one_that_is_still_open_says_so(signed_in, user):
    content = _page(signed_in, make_session(user, {0: "happy"}, is_open=True))
    assert "still being recorded" in content
    assert "so far" in content


def test_a_videos_session_is_labelled_as_one(signed_in, user):
    session = make_session(user, {0: "happy"}, source=Session.Source.VIDEO)
    assert "Delete this video?" in _page(signed_in, session)


def test_the_dialog_lists_what_is_deleted(signed_in, user):
    content = " ".join(_page(signed_in, make_session(user, {0: "happy", 1: "sad"}, name="Talk")).split())
    assert "“Talk”</bdi> will be deleted from this server with its results (2 seconds of 1 face)" in content
    assert "You cannot undo this" in content


def test_html_in_name_and_notes_is_text(signed_in, user):
    session = make_session(user, {0: "happy"}, name="<img src=x>")
    _edit(signed_in, session, notes="</textarea><img src=x>")
    content = _page(signed_in, session)
    assert "<img src=x>" not in content
    assert "&lt;/textarea&gt;&lt;img src=x&gt;" in content


def test_a_name_and_notes_are_saved_by_a_plain_form(signed_in, user):
    session = make_session(user)
    response = _edit(signed_in, session, name="Talk")
    assert response["Location"] == reverse("analysis:session", args=[session.pk])
    _edit(signed_in, session, notes="She laughed.")
    session.refresh_from_db()
    assert (session.name, session.notes) == ("Talk", "She laughed.")


def test_a_script_is_answered_with_what_was_kept(signed_in, user):
    answer = _edit(signed_in, make_session(user), name=" Talk ", accept="application/json").json()
    assert answer == {"name": "Talk", "notes": ""}


@pytest.mark.parametrize(
    ("field", "typed", "code", "message"),
    [
        ("name", "x" * 121, "name_too_long", "Names can have up to 120."),
        ("name", " ", "no_name", "up to 120 characters"),
        ("notes", "x" * 10_001, "notes_too_long", "Notes can have up to 10,000."),
    ],
)
def test_what_is_refused_stays_in_its_field(signed_in, user, field, typed, code, message):
    session = make_session(user, {0: "happy"})
    response = _edit(signed_in, session, **{field: typed})
    assert response.status_code == 400
    assert message in response.content.decode()
    assert typed in response.content.decode()
    answer = _edit(signed_in, session, **{field: typed}, accept="application/json")
    assert (answer.status_code, answer.json()["code"], answer.json()["errors"]) == (400, code, {})


def test_it_is_deleted_once_confirmed(signed_in, user):
    session = make_session(user, {0: "happy"}, name="Talk")
    address = reverse("analysis:session-delete", args=[session.pk])
    assert "You cannot undo this" in signed_in.get(address).content.decode()
    assert Session.objects.exists()
    response = signed_in.post(address, follow=True)
    assert "Deleted: 1 session" in response.content.decode()
    assert not Session.objects.exists()


def test_the_data_is_json(signed_in, user):
    session = make_session(user, {0: "happy"}, seconds=10)
    response = signed_in.get(reverse("analysis:session-data", args=[session.pk]), {"start": 0, "end": 5})
    timeline = json.loads(response.content)
    assert (timeline["seconds"], timeline["end"], timeline["is_open"]) == (10, 5, False)
    assert len(timeline["rows"]) == 1


def test_much_data_travels_compressed(signed_in, user):
    session = make_session(user, dict.fromkeys(range(60), "happy"))
    address = reverse("analysis:session-data", args=[session.pk])
    response = signed_in.get(address, HTTP_ACCEPT_ENCODING="gzip")
    assert response["Content-Encoding"] == "gzip"
    assert len(response.content) < len(signed_in.get(address).content) / 3


@pytest.mark.parametrize(
    "query", [{"start": "soon"}, {"start": -1}, {"end": 0}, {"start": 9, "end": 9}, {"end": 10**12}]
)
def test_seconds_that_cannot_be_read_are_named(signed_in, user, query):
    session = make_session(user, {0: "happy"})
    response = signed_in.get(reverse("analysis:session-data", args=[session.pk]), query)
    assert response.status_code == 400
    assert response.json()["code"] == "bad_stretch"
    assert set(response.json()["errors"]) == {list(query)[-1]}


def test_more_samples_need_no_more_queries(signed_in, user, django_assert_max_num_queries):
    counts = set()
    for seconds in (1, 40):
        session = make_session(user, dict.fromkeys(range(seconds), "happy"))
        add_samples(
            session, ((second, face, "sad") for second in range(seconds) for face in range(2, 2 + seconds // 4))
        )
        with django_assert_max_num_queries(9) as context:
            _page(signed_in, session)
        counts.add(len(context))
    assert len(counts) == 1
