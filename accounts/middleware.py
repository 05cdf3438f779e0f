"""What every request passes: the set-up until an administrator exists, and its person's time zone."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.deprecation import MiddlewareMixin

from accounts.signup import first_run


class FirstRunMiddleware(MiddlewareMixin):
    """Sends people to the set-up page and tells programs to come back, as long as nobody administers the site."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if first_run.is_set_up() or request.path.startswith((settings.STATIC_URL, reverse("accounts:setup"))):
            return None
        if _wants_json(request):
            message = "This site has not been set up yet: open it in a browser and create the administrator's account."
            return JsonResponse({"code": "not_set_up", "message": message, "errors": {}}, status=503)
        return redirect("accounts:setup")


class TimeZoneMiddleware(MiddlewareMixin):
    """Tells days and hours in the time zone of whoever is signed in; visitors see the site's."""

    def process_request(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            timezone.activate(request.user.zone)

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        # The thread, or the test, goes on to somebody else.
        timezone.deactivate()
        return response


def _wants_json(request: HttpRequest) -> bool:
    return (
        request.path.startswith("/api/")
        or request.content_type == "application/json"
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )
