"""Streamed responses of large files, whole or a byte range (RFC 9110, section 14)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from http import HTTPStatus

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.http.response import content_disposition_header
from django.utils.cache import get_conditional_response

from ferproject.file_storage import site_files

_CHUNK_BYTES = 256 * 1024
_RANGE = re.compile(r"bytes=(\d*)-(\d*)\Z")


def stream_file(request: HttpRequest, stored: str, content_type: str, *, name: str, download: bool) -> HttpResponseBase:
    """Send a stored file that never changes, or the requested range of it."""
    try:
        size = default_storage.size(stored)
    except FileNotFoundError as error:
        raise Http404 from error
    etag = f'"{stored}"'
    if (unchanged := get_conditional_response(request, etag=etag)) is not None:
        return unchanged
    requested = _requested_range(request, etag, size)
    sent = range(size) if requested is None else requested
    has_body = bool(sent) and request.method != "HEAD"
    response: HttpResponseBase = StreamingHttpResponse(_read(stored, sent)) if has_body else HttpResponse()
    if requested:
        response.status_code = HTTPStatus.PARTIAL_CONTENT
        response["Content-Range"] = f"bytes {requested.start}-{requested.stop - 1}/{size}"
    elif requested is not None:
        response.status_code = HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
        response["Content-Range"] = f"bytes */{size}"
    response["Content-Length"] = str(len(sent))
    response["Accept-Ranges"] = "bytes"
    response["Content-Type"] = content_type
    response["ETag"] = etag
    response["Content-Disposition"] = content_disposition_header(download, name)
    return response


def _requested_range(request: HttpRequest, etag: str, size: int) -> range | None:
    """Return the positions of the requested bytes, none where they are outside of the file.

    None stands for the whole file, which is also sent for several ranges and for an outdated `If-Range`.
    """
    match = _RANGE.match(request.headers.get("Range", "").replace(" ", ""))
    if match is None or request.headers.get("If-Range", etag) != etag or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        return range(max(0, size - int(last)), size)
    start, end = int(first), int(last) if last else size - 1
    if end < start and last:
        return None
    return range(start, min(end + 1, size))


async def _read(stored: str, positions: range) -> AsyncIterator[bytes]:
    file = await asyncio.to_thread(site_files().open_range, stored, positions)
    try:
        left = len(positions)
        while left and (data := await asyncio.to_thread(file.read, min(left, _CHUNK_BYTES))):
            left -= len(data)
            yield data
    finally:
        file.close()
