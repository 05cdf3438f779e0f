"""The timeline of a session."""

import json

import pytest

from analysis.sessions.timeline import read_summary, read_table, read_timeline, session_seconds
from tests.analysis.session_factories import add_samples, fill_session, make_session

HOURS = 3 * 3600


def _probabilities(row):
    return [value / 1000 for value in row[3:]]


@pytest.fixture
def long_session(user):
    """Half an hour of one face that is away for five minutes."""
    session = make_session(user, seconds=1800)
    fill_session(session, [*range(600), *range(900, 1800)], faces={1: "happy"})
    return session


def test_a_short_session_comes_second_by_second(user):
    session = make_session(user, {0: "happy", 2: "sad"}, seconds=10)
    timeline = read_timeline(session)
    assert (timeline["seconds"], timeline["width"]) == (10, 1)
    assert [row[:3] for row in timeline["rows"]] == [[0, 1, 1], [2, 1, 1]]
    happy = timeline["columns"].index("p_happy")
    assert timeline["rows"][0][happy] == 700


def test_without_a_sample_there_are_no_rows(user):
    timeline = read_timeline(make_session(user, seconds=10))
    assert (timeline["seconds"], timeline["rows"]) == (10, [])


def test_one_sample_is_a_timeline(user):
    session = make_session(user, {0: "fear"}, seconds=0)
    assert len(read_timeline(session)["rows"]) == 1
    assert [(row.start, row.end, row.n) for row in read_table(session, 1)] == [(0, 1, 1)]


def test_a_sample_after_the_end_still_belongs_to_it(user):
    session = make_session(user, {30: "sad"}, seconds=10)
    assert session_seconds(session, read_summary(session).end) == 31


def test_three_hours_of_three_faces_come_in_at_most_a_thousand_pieces(user, django_assert_num_queries):
    session = make_session(user, seconds=HOURS)
    fill_session(session, range(HOURS), faces={1: "happy", 2: "sad", 3: "neutral"})
    with django_assert_num_queries(2):
        timeline = read_timeline(session)
    assert timeline["width"] == 15
    assert len({row[0] for row in timeline["rows"]}) == HOURS / 15
    assert {row[1] for row in timeline["rows"]} == {1, 2, 3}
    assert {row[2] for row in timeline["rows"]} == {15}
    assert len(json.dumps(timeline)) < 150_000
    assert len(read_table(session, HOURS)) == 36


def test_where_nobody_was_there_is_nothing(long_session):
    rows = read_timeline(long_session)["rows"]
    assert {row[0] for row in rows} == {*range(0, 600, 2), *range(900, 1800, 2)}


def test_a_piece_holds_the_mean_of_its_samples(user):
    session = make_session(user, seconds=1500)
    add_samples(session, [(0, 1, "happy"), (1, 1, "sad"), (1400, 1, "sad")])
    timeline = read_timeline(session)
    assert timeline["width"] == 2
    first = _probabilities(timeline["rows"][0])
    happy = (0.70 + (1 - 0.71) / 6) / 2
    assert first[3] == pytest.approx(happy, abs=0.001)
    assert sum(first) == pytest.approx(1, abs=0.005)


def test_a_stretch_of_it_comes_second_by_second(long_session):
    timeline = read_timeline(long_session, start=120, end=240)
    assert (timeline["start"], timeline["end"], timeline["width"]) == (120, 240, 1)
    assert {row[0] for row in timeline["rows"]} == set(range(120, 240))


def test_a_stretch_beyond_the_end_is_empty(user):
    session = make_session(user, {0: "happy"}, seconds=10)
    assert read_timeline(session, start=50, end=60)["rows"] == []


def test_with_many_faces_at_once_the_pieces_become_fewer(user):
    session = make_session(user, seconds=300)
    fill_session(session, range(300), faces=dict.fromkeys(range(1, 41), "happy"))
    timeline = read_timeline(session)
    assert timeline["width"] > 1
    assert len(timeline["rows"]) <= 8000


def test_every_face_is_summed_up(user):
    session = make_session(user, {0: "happy", 1: "happy", 5: "sad"})
    add_samples(session, [(3, 2, "fear")], model="test-2")
    summary = read_summary(session)
    first, second = summary.faces
    assert (first.seconds, first.first, first.last) == (3, 0, 5)
    assert first.shares == (("happy", 2 / 3), ("sad", 1 / 3))
    assert first.confidence == pytest.approx((0.70 + 0.71 + 0.75) / 3)
    assert (first.models, second.models) == (("test-1",), ("test-2",))
    assert (summary.n, summary.models, summary.end) == (4, ("test-1", "test-2"), 6)


def test_of_many_faces_those_seen_longest_are_told_of(user):
    session = make_session(user, seconds=20)
    add_samples(session, ((second, face, "happy") for face in range(1, 16) for second in range(16 - face)))
    summary = read_summary(session)
    assert [face.face for face in summary.main_faces] == list(range(1, 13))
    assert summary.other_faces == 3


def test_the_table_is_short_and_shows_gaps(long_session):
    table = read_table(long_session, 1800)
    assert len(table) == 60
    assert [(row.faces, row.n, row.means) for row in table if row.start == 600] == [(0, 0, ())]
    assert (table[0].faces, table[0].n, table[-1].end) == (1, 30, 1800)


def test_reading_costs_the_same_however_long_it_is(user, long_session, django_assert_num_queries):
    for session in (make_session(user, {0: "happy"}), long_session):
        with django_assert_num_queries(2):
            read_timeline(session)
        with django_assert_num_queries(1):
            read_summary(session)
