"""Middleware that redirects to the set-up of a new site, and that activates the user's time zone."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from accounts.signup import first_run


class FirstRunMiddleware(MiddlewareMixin):
    """Redirects to the set-up page, or answers programs with 503, until the site has an administrator."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if first_run.is_set_up() or request.path.startswith((settings.STATIC_URL, reverse("accounts:setup"))):
            return None
        if _wants_json(request):
            message = "This site has not been set up yet: open it in a browser and create the administrator's account."
            return JsonResponse({"code": "not_set_up", "message": message, "errors": {}}, status=503)
        return redirect("accounts:setup")


class TimeZoneMiddleware(MiddlewareMixin):
    """Activates the signed-in user's time zone during the request."""

    def process_request(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            timezone.activate(request.user.zone)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        # The zone belongs to the thread, which serves other users next.
        timezone.deactivate()
        return response


def _wants_json(request: HttpRequest) -> bool:
    return (
        request.path.startswith("/api/")
        or request.content_type == "application/json"
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )
