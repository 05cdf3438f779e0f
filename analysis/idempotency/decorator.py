"""`@idempotent` for views that make a record of what they are sent."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.encoders import JSONEncoder

from analysis.idempotency.services import Answer, KeyLease, claim_key, release_claim, remember_answer
from ferproject.errors import ServiceError

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
IDEMPOTENCY_KEY = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": "^[!-~]{1,200}$"},
    OpenApiParameter.HEADER,
    description="Drawn anew for each upload, as a UUID; sending the same request with it again within 24 hours makes "
    f"no second record and gets the first answer, with `{REPLAYED}: true`.",
)
_KEY = re.compile(r"[!-~]{1,200}")

View = Callable[..., Response]


def idempotent(view: View) -> View:
    """Let a view method's request be sent again with the same Idempotency-Key; without one nothing changes.

    Only what succeeded is remembered: a refused request may be mended and sent again, and so may a batch of which
    anything was refused. The view's answer must be JSON as it stands, which a serializer's `data` is.
    """

    @wraps(view)
    def wrapped(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get(HEADER)
        if key is None:
            return view(self, request, *args, **kwargs)
        if not _KEY.fullmatch(key):
            message = f"{HEADER}: expected 1 to 200 visible ASCII characters; got {len(key)} that are not all so."
            raise ServiceError("bad_idempotency_key", message)
        claim = claim_key(owner=request.user, key=key, fingerprint=_fingerprint(request))
        if isinstance(claim, Answer):
            return Response(claim.body, status=claim.status, headers={REPLAYED: "true"})
        return _first(claim, lambda: view(self, request, *args, **kwargs))

    return wrapped


def _first(claim: KeyLease, work: Callable[[], Response]) -> Response:
    try:
        response = work()
        if response.status_code < HTTPStatus.BAD_REQUEST and not _holds_refusal(response.data):
            # Through the encoder that answers the first request, so that both answers are the same.
            body = json.loads(json.dumps(response.data, cls=JSONEncoder))
            remember_answer(claim=claim, answer=Answer(response.status_code, body))
            return response
    except BaseException:
        release_claim(claim=claim)
        raise
    release_claim(claim=claim)
    return response


def _holds_refusal(body: Any) -> bool:
    return any(result["error"] for result in body.get("results", ()))


def _fingerprint(request: Request) -> str:
    """Return the SHA-256 of what was sent, which a multipart body's boundary, drawn anew, is no part of."""
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
            yield f"{value.name} {_sha256(value)}" if isinstance(value, UploadedFile) else str(value)


def _sha256(file: UploadedFile) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
