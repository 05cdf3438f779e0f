"""Sums of many spans are looked up in an index, span by span."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysis.history.sum_queries import read_sums
from analysis.history.time_buckets import Span
from tests.analysis.sums import count_faces
from tests.support.site_database import IS_SQLITE

HOUR, START = dt.timedelta(hours=1), dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("offset", [dt.timedelta(), HOUR / 2], ids=["hours", "parts of hours"])
def test_no_row_is_compared_with_every_span(user, offset):
    count_faces(user, START + offset, 3)
    edges = [START + offset + number * HOUR for number in range(24 * 31)]
    with CaptureQueriesContext(connection) as queries:
        (row,) = read_sums(owner=user, spans=[Span(edge, edge + HOUR) for edge in edges], source=None)
    assert (row.span, row.totals[0]) == (0, 3)
    plan = _plan(queries[0]["sql"])
    assert ("SEARCH analysis_history" if IS_SQLITE else "Index Cond") in plan
    assert ("SCAN analysis_history" if IS_SQLITE else "Join") not in plan


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN QUERY PLAN " + sql if IS_SQLITE else "EXPLAIN " + sql)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
