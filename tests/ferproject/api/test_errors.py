"""Every error has one shape, and the status that fits."""

import json

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, serializers

from accounts.errors import AccountsError
from analysis.errors import PhotoError, VersionError
from analysis.recognition.errors import RecognitionError
from training.errors import RunError

CASES = [
    (Http404(), 404, "not_found"),
    (PermissionDenied(), 403, "permission_denied"),
    (exceptions.NotFound(), 404, "not_found"),
    (exceptions.ParseError(), 400, "malformed"),
    (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported_media_type"),
    (exceptions.Throttled(wait=3.2), 429, "throttled"),
    (exceptions.ValidationError("No."), 400, "invalid"),
    (RecognitionError("not_an_image", "No picture."), 415, "not_an_image"),
    (RecognitionError("model_missing", "No model."), 503, "model_missing"),
    (PhotoError("too_large", "Too large."), 413, "too_large"),
    (PhotoError("disk_full", "The disk is full."), 507, "disk_full"),
    (VersionError("already_active", "It serves already."), 409, "already_active"),
    (VersionError("reason_needed", "Write down why."), 422, "reason_needed"),
    (RunError("is_over", "It is over."), 409, "is_over"),
    (RunError("bad_settings", "epochs: expected 1 or more."), 400, "bad_settings"),
    (RunError("data_missing", "No data."), 503, "data_missing"),
    (AccountsError("name_taken", "Choose another."), 409, "name_taken"),
]


@pytest.mark.parametrize(("error", "status", "code"), CASES, ids=lambda case: getattr(case, "code", None))
def test_what_a_service_or_the_framework_raises_becomes_one_shape(answer_of, error, status, code):
    def work(view, request):
        raise error

    response = answer_of(work)
    body = json.loads(response.content)
    assert (response.status_code, body["code"]) == (status, code)
    assert set(body) - {"retryable"} == {"code", "message", "errors"}
    assert body["message"]


def test_what_may_be_tried_again_says_so_and_when(answer_of):
    def work(view, request):
        raise RecognitionError("busy", "Many photos wait.", retryable=True)

    response = answer_of(work)
    assert response.status_code == 503
    assert json.loads(response.content)["retryable"] is True
    assert int(response["Retry-After"]) >= 1


def test_fields_to_blame_are_named_however_deep_they_are(answer_of):
    class Inner(serializers.Serializer):
        number = serializers.IntegerField()

    class Outer(serializers.Serializer):
        name = serializers.CharField()
        inner = Inner()

    def work(view, request):
        Outer(data=request.data).is_valid(raise_exception=True)

    body = json.loads(answer_of(work, "post", {"inner": {"number": "x"}}).content)
    assert body["errors"] == {"name": ["This field is required."], "inner.number": ["A valid integer is required."]}
    assert "inner.number: A valid integer is required." in body["message"]


def test_an_unsupported_method_lists_the_supported_ones(client, user):
    client.force_login(user)
    response = client.get("/api/v1/me/", REQUEST_METHOD="DELETE")
    assert response.status_code == 405
    assert response.json()["code"] == "method_not_allowed"
    assert "GET" in response.json()["message"]
    assert "DELETE" in response.json()["message"]


@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v1/me", "/api/v9/me/", "/api/a%0Ab"])
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_address_that_never_was_answers_in_the_same_shape(client, path, method):
    response = getattr(client, method)(path)
    assert response.status_code == 404
    assert response.json() == {**response.json(), "code": "not_found", "errors": {}}


@pytest.mark.parametrize("path", ["/api/v1/me/", "/api/nothing/"])
def test_a_fault_of_ours_is_json_too(client, user, path, monkeypatch):
    monkeypatch.setattr("rest_framework.views.APIView.check_throttles", lambda view, request: 1 / 0)
    client.force_login(user)
    client.raise_request_exception = False
    response = client.get(path)
    assert response.status_code == 500
    assert response.json()["code"] == "server_error"


def test_pages_keep_their_own_errors(client):
    assert client.get("/nowhere/").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'{"a": NaN}', 400, "malformed"),
        (b"[" * 200_000, 400, "malformed"),
        (b'"' + b"a" * 1_000_001 + b'"', 413, "too_large"),
    ],
    ids=["cut off", "no UTF-8", "NaN", "nested", "large"],
)
def test_a_body_that_is_no_sensible_json_is_refused(client, user, body, status, code, caller):
    response = caller(user).generic("PATCH", "/api/v1/me/", body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (status, code)
