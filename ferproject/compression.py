"""Compression of pages and of the API's JSON; static files are stored compressed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware
from django.utils.decorators import sync_and_async_middleware

from ferproject.middleware import Response, around

COMPRESSED_TYPES = (
    *("text/", "application/json", "application/javascript", "application/manifest+json", "application/yaml"),
    *("application/vnd.oai.openapi", "image/svg+xml"),
)


@sync_and_async_middleware
def compression_middleware(get_response: Response) -> Response:
    """Compress whole texts with gzip, with Django's padding of random length against BREACH.

    Streams, parts of files and pictures are left as they are.
    """
    gzip = GZipMiddleware(get_response)

    def compress(request: HttpRequest, response: HttpResponse, _: None) -> HttpResponse:
        return gzip.process_response(request, response) if _is_whole_text(response) else response

    return around(get_response, lambda request: None, compress)


def _is_whole_text(response: HttpResponse) -> bool:
    is_part = response.status_code == 206 or response.has_header("Accept-Ranges")
    kind = response.headers.get("Content-Type", "")
    return not response.streaming and not is_part and kind.startswith(COMPRESSED_TYPES)
