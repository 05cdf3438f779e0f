"""What the owner of a session calls its faces: in that session alone, and for nobody else to see."""

import pytest
from django.urls import reverse

from analysis.errors import SessionError
from analysis.models import FaceName
from analysis.sessions.face_names import FACE_NAME_MAX, name_faces
from analysis.sessions.services import delete_session
from analysis.sessions.timeline import read_summary
from tests.analysis.session_factories import add_samples, make_session


@pytest.fixture
def session(user):
    made = make_session(user, {0: "happy", 1: "happy"}, name="Talk")
    add_samples(made, [(0, 2, "sad")])
    return made


def labels(session, **options) -> list[str]:
    return [face.label for face in read_summary(session, **options).faces]


def test_a_face_is_named_renamed_and_unnamed(session):
    assert labels(session, with_names=True) == ["Face 1", "Face 2"]
    name_faces(session=session, names={2: "  Anna\u202e  Berg "})
    assert labels(session, with_names=True) == ["Face 1", "Anna Berg"]
    name_faces(session=session, names={1: "Ben", 2: "Bea"})
    assert labels(session, with_names=True) == ["Ben", "Bea"]
    name_faces(session=session, names={1: " "})
    assert labels(session, with_names=True) == ["Face 1", "Bea"]


def test_others_see_numbers(session):
    name_faces(session=session, names={1: "Ben"})
    assert labels(session) == ["Face 1", "Face 2"]


@pytest.mark.parametrize(
    ("names", "code"),
    [({3: "Nobody"}, "no_such_face"), ({1: "Ben", 9: "Cy"}, "no_such_face"), ({1: "x" * 61}, "name_too_long")],
)
def test_a_refused_name_changes_nothing(session, names, code):
    with pytest.raises(SessionError) as raised:
        name_faces(session=session, names=names)
    assert raised.value.code == code
    assert not FaceName.objects.exists()


def test_names_go_with_the_session(session):
    name_faces(session=session, names={1: "Ben"})
    delete_session(session=session)
    assert not FaceName.objects.exists()


def test_the_page_names_a_face(signed_in, session):
    address = reverse("analysis:session-face", args=[session.pk])
    response = signed_in.post(address, {"face": "2", "name": "Anna <b>"}, follow=True)
    content = response.content.decode()
    assert "Anna &lt;b&gt;" in content
    assert '<script id="face-names" type="application/json">{"2": "Anna \\u003Cb\\u003E"}</script>' in content


@pytest.mark.parametrize("form", [{}, {"face": "x", "name": "a"}, {"face": "0"}, {"face": "7", "name": "a"}])
def test_the_page_says_what_is_wrong(signed_in, session, form):
    response = signed_in.post(reverse("analysis:session-face", args=[session.pk]), form, follow=True)
    assert response.status_code == 200
    assert 'class="notice notice-danger"' in response.content.decode() or "message" in response.content.decode()
    assert not FaceName.objects.exists()


def test_somebody_elses_session_is_404(client, other_user, session):
    client.force_login(other_user)
    address = reverse("analysis:session-face", args=[session.pk])
    assert client.post(address, {"face": "1", "name": "Ben"}).status_code == 404


def test_the_api_names_faces(api, session):
    path = f"/api/v1/sessions/{session.pk}/"
    assert api.patch(path, {"face_names": {"2": "Anna"}}, format="json").status_code == 200
    summary = api.get(f"{path}summary/").json()
    assert [(face["face"], face["name"]) for face in summary["faces"]] == [(1, ""), (2, "Anna")]


@pytest.mark.parametrize(
    ("names", "status"),
    [
        ({"0": "a"}, 400),
        ({"one": "a"}, 400),
        ({"²": "a"}, 400),
        ({"99999999999999999999": "a"}, 400),
        ({"1": "x" * (FACE_NAME_MAX + 1)}, 400),
        (["Anna"], 400),
        ({"5": "a"}, 404),
    ],
)
def test_the_api_refuses_what_is_no_name(api, session, names, status):
    response = api.patch(f"/api/v1/sessions/{session.pk}/", {"face_names": names}, format="json")
    assert response.status_code == status
    assert not FaceName.objects.exists()
