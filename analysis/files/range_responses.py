"""Large files, or the piece of one that a player asked for, streamed in small chunks (RFC 9110, section 14)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from http import HTTPStatus

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.response import content_disposition_header
from django.utils.cache import get_conditional_response

_CHUNK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


@dataclass(frozen=True)
class Piece:
    """`length` bytes from `start` on; an empty one lies outside of the file."""

    start: int
    length: int


def stream_file(request: HttpRequest, stored: str, content_type: str, *, name: str, download: bool) -> HttpResponseBase:
    """Send a kept file that never changes, or the piece of it that was asked for, under a name that Django quotes."""
    try:
        size = default_storage.size(stored)
    except FileNotFoundError as error:
        raise Http404 from error
    etag = f'"{stored}"'
    if (unchanged := get_conditional_response(request, etag=etag)) is not None:
        return unchanged
    piece = _wanted(request, etag, size)
    response = _answer(request, stored, piece or Piece(0, size))
    if piece is not None and piece.length:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {piece.start}-{piece.start + piece.length - 1}/{size}"
    elif piece is not None:
        response.status_code = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        response["Content-Range"] = f"bytes */{size}"
    response["Accept-Ranges"] = "bytes"
    response["Content-Type"] = content_type
    response["ETag"] = etag
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Disposition"] = content_disposition_header(download, name)
    return response


def _wanted(request: HttpRequest, etag: str, size: int) -> Piece | None:
    """Return the piece asked for; None for the whole, as when several pieces, or one of another file, are."""
    match = _RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if match is None or request.headers.get("If-Range", etag) != etag or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return Piece(size - length, length)
    start, end = int(first), int(last) if last else size - 1
    if end < start and last:
        return None
    return Piece(start, max(0, min(end, size - 1) - start + 1))


def _answer(request: HttpRequest, stored: str, piece: Piece) -> HttpResponseBase:
    response: HttpResponseBase
    if request.method == "HEAD" or not piece.length:
        response = HttpResponse()
    else:
        response = StreamingHttpResponse(_read(stored, piece))
    response["Content-Length"] = str(piece.length)
    return response


async def _read(stored: str, piece: Piece) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(default_storage.open, stored)
    try:
        await asyncio.to_thread(file.seek, piece.start)
        left = piece.length
        while left and (data := await asyncio.to_thread(file.read, min(left, _CHUNK_BYTES))):
            left -= len(data)
            yield data
    finally:
        file.close()
