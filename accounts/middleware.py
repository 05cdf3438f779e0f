"""Until an administrator exists, every page leads to the set-up."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from accounts import first_run


class FirstRunMiddleware(MiddlewareMixin):
    """Sends people to the set-up page and tells programs to come back, as long as nobody administers the site."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if first_run.is_set_up() or request.path.startswith((settings.STATIC_URL, reverse("accounts:setup"))):
            return None
        if _wants_json(request):
            message = "This site has not been set up yet: open it in a browser and create the administrator's account."
            return JsonResponse({"code": "not_set_up", "message": message, "errors": {}}, status=503)
        return redirect("accounts:setup")


def _wants_json(request: HttpRequest) -> bool:
    return (
        request.path.startswith("/api/")
        or request.content_type == "application/json"
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )
