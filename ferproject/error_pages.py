"""Error handlers for errors outside views: JSON under /api/, else Django's pages."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views import defaults


def _handler(page: Callable[..., HttpResponse], status: int, code: str, message: str) -> Callable[..., HttpResponse]:
    def handle(request: HttpRequest, *args: Exception, **kwargs: Exception) -> HttpResponse:
        if request.path.startswith("/api/"):
            return JsonResponse({"code": code, "message": message, "errors": {}}, status=status)
        return page(request, *args, **kwargs)

    return handle


bad_request = _handler(
    defaults.bad_request, 400, "bad_request", "The request was malformed or suspicious and was not looked at."
)
permission_denied = _handler(defaults.permission_denied, 403, "forbidden", "You may not do this.")
page_not_found = _handler(defaults.page_not_found, 404, "not_found", "There is no such thing here, or it is not yours.")
server_error = _handler(
    defaults.server_error, 500, "server_error", "Something went wrong here, not with your request; it has been logged."
)
