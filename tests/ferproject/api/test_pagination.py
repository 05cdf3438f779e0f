"""Lists come in pages by cursor: nothing is shown twice or left out, whatever is added meanwhile."""

import datetime as dt

import pytest
from django.utils import timezone
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.models import Invitation
from ferproject.api.pagination import KeysetPagination
from ferproject.errors import ServiceError, http_status

NOON = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def rows(administrator):
    """Seven rows of four instants, so that pages of two or three end inside a tie."""
    later = timezone.now() + dt.timedelta(days=1)
    return [
        Invitation.objects.create(
            token_hash=str(number), created_at=NOON + dt.timedelta(hours=number // 2), expires_at=later
        )
        for number in range(7)
    ]


class View:
    def __init__(self, *keyset: str) -> None:
        self.keyset = keyset or ("-created_at", "-id")


def _read(address: str, view: View = None):
    pages = KeysetPagination()
    request = Request(APIRequestFactory().get(address))
    page = pages.paginate_queryset(Invitation.objects.all(), request, view or View())
    return pages.get_paginated_response([row.pk for row in page]).data


def _walk(page, direction, view=None):
    while page[direction]:
        page = _read(page[direction], view)
        yield page


@pytest.mark.parametrize("size", [1, 2, 3, 6, 7, 8])
@pytest.mark.parametrize("keyset", [("-created_at", "-id"), ("created_at", "id"), ("-id",)])
def test_the_pages_together_hold_each_row_once_and_lead_back(rows, size, keyset):
    view = View(*keyset)
    expected = list(Invitation.objects.order_by(*keyset).values_list("pk", flat=True))
    pages = [_read(f"/list/?page_size={size}", view)]
    pages += _walk(pages[0], "next", view)
    assert [pk for page in pages for pk in page["results"]] == expected
    assert pages[0]["previous"] is None
    back = [pages[-1], *_walk(pages[-1], "previous", view)]
    assert [page["results"] for page in back] == [page["results"] for page in reversed(pages)]


def test_what_is_added_meanwhile_moves_nothing(rows):
    first = _read("/list/?page_size=3")
    Invitation.objects.create(token_hash="new", created_at=NOON + dt.timedelta(days=1), expires_at=NOON)
    second = _read(first["next"])
    assert second["results"] == [row.pk for row in rows[3:0:-1]]
    assert len(_read(second["previous"])["results"]) == 3


def test_an_empty_list_has_no_other_pages(db):
    assert _read("/list/") == {"next": None, "previous": None, "results": []}


def test_links_keep_the_filters(rows):
    assert "emotion=sad" in _read("/list/?emotion=sad&page_size=2")["next"]


@pytest.mark.parametrize("size", ["0", "101", "-1", "two", "٣", "", "9" * 5000])
def test_a_page_size_out_of_range_is_refused(db, size):
    with pytest.raises(APIException, match="whole number") as refusal:
        _read(f"/list/?page_size={size}")
    assert refusal.value.status_code == 400


@pytest.mark.parametrize("cursor", ["", "x", "WzFd:1:abc", "%00", "ü", "a" * 10_000])
def test_an_invalid_cursor_is_rejected(db, cursor):
    with pytest.raises(ServiceError) as refusal:
        _read(f"/list/?cursor={cursor}")
    assert (http_status(refusal.value), refusal.value.code) == (404, "bad_cursor")


def test_a_cursor_of_another_order_is_rejected(rows):
    address = _read("/list/?page_size=2")["next"]
    with pytest.raises(ServiceError) as refusal:
        _read(address, View("created_at", "id"))
    assert refusal.value.code == "bad_cursor"


def test_a_page_is_one_query(rows, django_assert_num_queries):
    address = _read("/list/?page_size=3")["next"]
    with django_assert_num_queries(1):
        _read(address)
