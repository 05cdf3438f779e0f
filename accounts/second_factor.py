"""Whether a user needs a second step to sign in, and what is closed to them until they have set one up."""

from __future__ import annotations

from collections.abc import Callable

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext_lazy as _

from accounts.models import SiteSettings, User

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
MESSAGE = _("An administrator requires two-step verification. Set it up on your account page first.")


def is_missing(user: User) -> bool:
    """Return whether the site requires a second step of this user, who has none."""
    required = SiteSettings.objects.current().second_factor
    if required == SiteSettings.SecondFactor.OPTIONAL:
        return False
    if required == SiteSettings.SecondFactor.STAFF and not user.is_staff:
        return False
    return not Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


class SecondFactorMiddleware(MiddlewareMixin):
    """Closes the site to signed-in users who lack a required second step, except for setting it up and signing out.

    API tokens, which were made behind a sign-in, go on working.
    """

    def process_view(self, request: HttpRequest, view: Callable[..., HttpResponse], *_: object) -> HttpResponse | None:
        if not request.user.is_authenticated or request.path.startswith(_open_addresses()):
            return None
        if not is_missing(request.user):
            return None
        if request.path.startswith("/api/"):
            return JsonResponse({"code": "second_factor_needed", "message": MESSAGE, "errors": {}}, status=403)
        return redirect("mfa_index")


def _open_addresses() -> tuple[str, ...]:
    return tuple(reverse(name) for name in ("mfa_index", "account_reauthenticate", "account_logout"))
