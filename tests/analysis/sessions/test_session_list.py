"""The list of sessions."""

import datetime as dt

import pytest
from django.urls import reverse

from analysis.sessions import views as session_views
from analysis.sessions.models import Session
from tests.analysis.session_factories import NOON, add_samples, make_session


def _list(client, **query):
    response = client.get(reverse("analysis:sessions"), query)
    assert response.status_code == 200
    return response


def test_the_newest_comes_first_with_its_emotions(signed_in, user):
    make_session(user, {0: "happy", 1: "happy", 2: "sad"}, name="First", seconds=312)
    make_session(user, name="Second", started_at=NOON + dt.timedelta(days=1))
    response = _list(signed_in)
    assert [session.name for session in response.context["page"].rows] == ["Second", "First"]
    content = response.content.decode()
    assert "5 min 12 s" in content
    assert "1 face" in content
    assert "happy 67%" in content
    assert "no face found" in content
    assert content.count("session-row-empty") == 1


def test_videos_have_a_list_of_their_own(signed_in, user):
    make_session(user, name="From a video", source=Session.Source.VIDEO)
    assert "From a video" not in _list(signed_in).content.decode()


def test_an_open_one_is_marked(signed_in, user):
    make_session(user, {0: "happy"}, is_open=True)
    assert "live now" in _list(signed_in).content.decode()


def test_an_empty_list_offers_a_next_step(signed_in):
    content = _list(signed_in).content.decode()
    assert "No sessions yet" in content
    assert reverse("analysis:live") in content


def test_the_parts_of_the_history_lead_to_each_other(signed_in):
    for name, other in [("history", "sessions"), ("sessions", "history")]:
        content = signed_in.get(reverse(f"analysis:{name}")).content.decode()
        assert f'<a href="{reverse(f"analysis:{name}")}" aria-current="page">' in content
        assert f'<a href="{reverse(f"analysis:{other}")}">' in content


def test_the_main_navigation_shows_that_it_is_in_the_history(signed_in, user):
    session = make_session(user)
    for address in (reverse("analysis:sessions"), reverse("analysis:session", args=[session.pk])):
        content = signed_in.get(address).content.decode()
        assert f'<a href="{reverse("analysis:history")}" aria-current="true">' in content


def test_older_pages_show_every_session_once(signed_in, user, monkeypatch):
    monkeypatch.setattr(session_views, "PAGE_SIZE", 3)
    for minute in [0, 1, 2, 2, 2, 3, 4]:
        make_session(user, started_at=NOON + dt.timedelta(minutes=minute))
    shown, page = [], _list(signed_in).context["page"]
    shown += page.rows
    while page.older:
        page = _list(signed_in, page=page.older).context["page"]
        shown += page.rows
    assert shown == list(Session.objects.newest_first())
    assert _list(signed_in, page=page.newer).context["page"].rows == shown[3:6]


@pytest.mark.parametrize("is_open", [False, True])
def test_more_sessions_need_no_more_queries(signed_in, user, is_open, django_assert_max_num_queries):
    counts = []
    for number in range(2):
        for _ in range(1 + 6 * number):
            session = make_session(user, {0: "happy"}, is_open=is_open)
            if is_open:
                add_samples(session, [(1, 2, "sad")])
        with django_assert_max_num_queries(8) as context:
            _list(signed_in)
        counts.append(len(context))
    assert counts[0] == counts[1]
