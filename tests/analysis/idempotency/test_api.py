"""A request sent again with its Idempotency-Key."""

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate
from rest_framework.views import APIView

from analysis.idempotency import services as idempotency
from analysis.idempotency.decorator import idempotent
from analysis.idempotency.models import IdempotencyKey


class Uploads(APIView):
    """Counts its records; fails `failures` times."""

    parser_classes = [JSONParser, MultiPartParser]
    throttle_classes = ()
    made: list[int] = []
    failures = 0

    @idempotent
    def post(self, request):
        if Uploads.failures:
            Uploads.failures -= 1
            return Response({"code": "busy"}, status=503)
        Uploads.made.append(1)
        return Response({"number": len(Uploads.made), "at": timezone.now()}, status=201)


@pytest.fixture(autouse=True)
def _nothing_made():
    Uploads.made, Uploads.failures = [], 0


@pytest.fixture
def send(user):
    def send(key="k1", content=b"one", owner=user, **data):
        headers = {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
        files = {"photo": SimpleUploadedFile("a.jpg", content), **data}
        request = APIRequestFactory().post("/uploads/", files, **headers)
        force_authenticate(request, owner)
        response = Uploads.as_view()(request)
        response.render()
        return response

    return send


def test_the_second_request_gets_the_first_response(send):
    first, second = send(), send()
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert len(Uploads.made) == 1


def test_requests_without_a_key_are_processed_each_time(send):
    send(key=None), send(key=None)
    assert len(Uploads.made) == 2


@pytest.mark.parametrize("other", [{"content": b"two"}, {"note": "more"}], ids=["other file", "other field"])
def test_another_request_with_the_same_key_is_refused(send, other):
    send()
    response = send(**other)
    assert response.status_code == 422
    assert response.data["code"] == "idempotency_key_reused"
    assert len(Uploads.made) == 1


def test_keys_belong_to_one_user(send, other_user):
    send()
    assert send(content=b"two", owner=other_user).status_code == 201


@pytest.mark.parametrize("key", ["", "with space", "x" * 201, "ünïcode", "tab\t"])
def test_an_invalid_key_is_refused(send, key):
    response = send(key=key)
    assert response.status_code == 400
    assert response.data["code"] == "bad_idempotency_key"


def test_a_refused_request_can_be_sent_again(send):
    Uploads.failures = 1
    assert send().status_code == 503
    assert send().status_code == 201
    assert not IdempotencyKey.objects.filter(status=None).exists()


def test_while_the_first_is_processed_the_second_gets_409(send, user, monkeypatch):
    monkeypatch.setattr("analysis.idempotency.decorator._fingerprint", lambda request: "same")
    idempotency.claim_key(owner=user, key="k1", fingerprint="same")
    response = send()
    assert response.status_code == 409
    assert response.data["code"] == "in_progress"
    assert response["Retry-After"]
    assert Uploads.made == []


def test_the_key_of_a_lost_request_is_claimed_by_the_next(send, user, monkeypatch):
    monkeypatch.setattr("analysis.idempotency.decorator._fingerprint", lambda request: "same")
    dead = idempotency.claim_key(owner=user, key="k1", fingerprint="same")
    IdempotencyKey.objects.update(created_at=timezone.now() - idempotency.KEY_LEASES.lost_after)
    assert send().status_code == 201
    idempotency.save_response(key=dead, status=200, body="late")
    assert IdempotencyKey.objects.get().status == 201


def test_keys_expire_after_a_day(send):
    send(), send(key="k2")
    old = IdempotencyKey.objects.filter(key="k1")
    old.update(created_at=timezone.now() - idempotency.RETENTION - dt.timedelta(seconds=1))
    idempotency.delete_expired_keys()
    assert [row.key for row in IdempotencyKey.objects.all()] == ["k2"]


def test_an_expired_key_is_ignored_before_it_is_swept(send):
    send()
    IdempotencyKey.objects.update(created_at=timezone.now() - idempotency.RETENTION - dt.timedelta(seconds=1))
    assert "Idempotency-Replayed" not in send()
    assert len(Uploads.made) == 2


@pytest.mark.django_db(transaction=True)
def test_one_of_simultaneous_requests_is_processed(send):
    start = threading.Barrier(6)

    def one(_):
        start.wait()
        try:
            return send().status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        statuses = list(pool.map(one, range(6)))
    assert len(Uploads.made) == 1
    assert set(statuses) <= {201, 409}
