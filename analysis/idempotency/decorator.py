"""The `@idempotent` decorator for API views that create records."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from analysis.idempotency.models import IdempotencyKey
from analysis.idempotency.services import claim_key, release_key, save_response
from ferproject.errors import ServiceError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": "^[!-~]{1,200}$"},
    OpenApiParameter.HEADER,
    description="A new one for each upload, such as a UUID. The same request, sent again with it within 24 hours, "
    f"makes no second record and gets the first response, with `{REPLAYED}: true`.",
)
_KEY = re.compile(r"[!-~]{1,200}")

View = Callable[..., Response]


def idempotent(view: View) -> View:
    """Let a request to a view method be sent again with the same Idempotency-Key header.

    Only successful responses are stored; a refused request, or a batch with a refused file, is processed again. The
    response's data must be JSON-serializable, as a serializer's `data` is.
    """

    @wraps(view)
    def wrapped(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return view(self, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            message = gettext("%(header)s: expected 1 to 200 visible ASCII characters.") % {"header": HEADER}
            raise ServiceError("bad_idempotency_key", message)
        row = claim_key(owner=request.user, key=key, fingerprint=_fingerprint(request))
        if row.status is not None:
            return Response(row.body, status=row.status, headers={REPLAYED: "true"})
        return _process(row, lambda: view(self, request, *args, **kwargs))

    return wrapped


def _process(key: IdempotencyKey, work: Callable[[], Response]) -> Response:
    """Return what `work` returns, and store it or release the key."""
    try:
        response = work()
        succeeded = response.status_code < HTTPStatus.BAD_REQUEST
        if succeeded and not any(result["error"] for result in response.data.get("results", ())):
            # Encoded as the first response is, so that both are the same.
            body = json.loads(json.dumps(response.data, cls=JSONEncoder))
            save_response(key=key, status=response.status_code, body=body)
            return response
    except BaseException:
        release_key(key=key)
        raise
    release_key(key=key)
    return response


def _fingerprint(request: Request) -> str:
    """Return the SHA-256 of the request's method, path and parsed body, without a multipart body's random boundary."""
    digest = hashlib.sha256()
    for part in (request.method or "", request.path, *_parts(request)):
        digest.update(hashlib.sha256(part.encode("utf-8", "surrogatepass")).digest())
    return digest.hexdigest()


def _parts(request: Request) -> Iterator[str]:
    if not hasattr(request.data, "lists"):
        yield json.dumps(request.data, sort_keys=True)
        return
    for name, values in sorted(request.data.lists()):
        yield name
        for value in values:
            if isinstance(value, UploadedFile):
                yield f"{value.name} {hashlib.file_digest(value, 'sha256').hexdigest()}"
                value.seek(0)
            else:
                yield str(value)
