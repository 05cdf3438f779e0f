"""Middleware that redirects to the set-up of a new site, and that activates the user's language and time zone."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext

from accounts.signup import first_run
from ferproject.languages import chosen_language


class LanguageMiddleware(LocaleMiddleware):
    """Activates the signed-in user's language during the request, else the browser's, else the site's."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        if language := chosen_language(request.user):
            translation.activate(language)
            request.LANGUAGE_CODE = translation.get_language()


class FirstRunMiddleware(MiddlewareMixin):
    """Redirects to the set-up page, or answers programs with 503, until the site has an administrator."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if first_run.is_set_up() or request.path.startswith(_before_set_up()):
            return None
        if _wants_json(request):
            message = gettext("This site is not set up yet. Open it in a browser to create the first account.")
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


def _before_set_up() -> tuple[str, ...]:
    return settings.STATIC_URL, reverse("accounts:setup"), reverse("javascript-catalog"), reverse("set-language")


def _wants_json(request: HttpRequest) -> bool:
    return (
        request.path.startswith("/api/")
        or request.content_type == "application/json"
        or request.get_preferred_type(["text/html", "application/json"]) == "application/json"
    )
