"""Pages of the set-up, the user's account, invitations and the site's settings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import get_current_timezone
from django.utils.translation import get_language_from_request, gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import services
from accounts.errors import AccountsError
from accounts.forms import (
    InvitationForm,
    LanguageForm,
    QuotaForm,
    SecondFactorForm,
    SetupForm,
    SignUpPolicyForm,
    TimeZoneForm,
)
from accounts.models import Invitation, SiteSettings, User
from accounts.security.known_browsers import remember_browser
from accounts.signup import first_run
from accounts.signup.allauth_adapter import SESSION_KEY
from analysis.consents.models import Consent
from ferproject.languages import save_in_browser
from ferproject.links import with_site_url

MAX_USERS = 50
MAX_INVITATIONS = 50


@sensitive_post_parameters("password1", "password2")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Create the first administrator; allowed on this machine, or with the token printed at start."""
    if first_run.is_set_up():
        return redirect("analysis:landing")
    token = request.GET.get("token", "")
    if not (first_run.is_local(request) or first_run.is_valid_token(token)):
        context = {"wrong_token": bool(token), "port": settings.PORT}
        return render(request, "accounts/setup_refused.html", context, status=403)
    form = SetupForm(request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/setup.html", {"form": form})
    try:
        user = services.set_up_site(
            email=form.cleaned_data["email"],
            password=form.cleaned_data["password1"],
            sign_up=form.cleaned_data["sign_up"],
            purpose=form.cleaned_data["purpose"],
        )
    except AccountsError as error:
        messages.error(request, error.message)
        return redirect("account_login")
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    messages.success(request, gettext("Your site and your account are ready. Try it with a photo."))
    response = redirect(settings.LOGIN_REDIRECT_URL)
    UserSession.objects.create_from_request(request)
    remember_browser(request, response, account_id=user.pk)
    return response


@never_cache
@require_GET
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Save the invitation in the session and redirect to sign-up; it is used only when the account is created."""
    if request.user.is_authenticated:
        message = gettext("You already have an account. To use the invitation for another one, sign out first.")
        messages.info(request, message)
        return redirect("accounts:profile")
    invitation = Invitation.objects.pending().with_token(token).first()
    if invitation is None:
        return render(request, "accounts/invitation_refused.html", status=404)
    request.session[SESSION_KEY] = invitation.pk
    return redirect("account_signup")


@login_required
@require_GET
def profile(request: HttpRequest) -> HttpResponse:
    context = {"consents": Consent.objects.active().filter(user=request.user).order_by("given_at")}
    return render(request, "accounts/profile.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def time_zone(request: HttpRequest) -> HttpResponse:
    form = TimeZoneForm(request.POST or None, initial={"time_zone": str(get_current_timezone())})
    if not form.is_valid():
        return render(request, "accounts/time_zone.html", {"form": form})
    services.change_time_zone(user=request.user, time_zone=form.cleaned_data["time_zone"])
    message = gettext("Dates and times are now shown in the time zone %(zone)s.")
    messages.success(request, message % {"zone": form.cleaned_data["time_zone"]})
    return redirect("accounts:profile")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def language(request: HttpRequest) -> HttpResponse:
    form = LanguageForm(request.POST or None, initial={"language": request.user.language})
    if request.method != "POST" or not form.is_valid():
        return render(request, "accounts/language.html", {"form": form})
    chosen = form.cleaned_data["language"]
    services.change_language(user=request.user, language=chosen)
    translation.activate(chosen or get_language_from_request(request))
    messages.success(request, gettext("Your language was changed."))
    response = redirect("accounts:profile")
    save_in_browser(response, chosen)
    return response


@login_required
@require_POST
def save_browser_time_zone(request: HttpRequest) -> HttpResponse:
    """Set the browser's time zone, sent by a script, for a user without one."""
    try:
        services.save_browser_time_zone(user=request.user, time_zone=request.POST.get("time_zone", ""))
    except AccountsError as error:
        errors = {"time_zone": [error.message]}
        return JsonResponse({"code": error.code, "message": error.message, "errors": errors}, status=400)
    return HttpResponse(status=204)


def administrator_required(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Restrict an uncached view to administrators."""

    @never_cache
    @login_required
    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_superuser:
            raise PermissionDenied(gettext("Only administrators can see and change the site’s settings."))
        return view(request, *args, **kwargs)

    return wrapped


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def site_settings(request: HttpRequest) -> HttpResponse:
    """Show the site's settings; change the sign-up policy."""
    form = SignUpPolicyForm(request.POST or None, initial={"sign_up": SiteSettings.objects.current().sign_up})
    return _save_setting(request, "policy_form", form, lambda: services.change_sign_up(**form.cleaned_data))


@administrator_required
@require_POST
def change_quota(request: HttpRequest) -> HttpResponse:
    form = QuotaForm(request.POST)
    return _save_setting(
        request, "quota_form", form, lambda: services.change_quota(megabytes=form.cleaned_data["quota_megabytes"])
    )


@administrator_required
@require_POST
def change_second_factor(request: HttpRequest) -> HttpResponse:
    form = SecondFactorForm(request.POST)
    return _save_setting(
        request, "second_factor_form", form, lambda: services.change_second_factor(**form.cleaned_data)
    )


def _save_setting(request: HttpRequest, name: str, form: Form, save: Callable[[], None]) -> HttpResponse:
    """Call `save` if the form is valid, otherwise show the page of settings with the form as `name`."""
    if not form.is_valid():
        return _render_site_settings(request, **{name: form})
    save()
    messages.success(request, gettext("Saved."))
    return redirect("accounts:settings")


@administrator_required
@require_POST
def create_invitation(request: HttpRequest) -> HttpResponse:
    """Create an invitation and show its link, which cannot be shown again."""
    form = InvitationForm(request.POST)
    if not form.is_valid():
        return _render_site_settings(request, invitation_form=form)
    new = services.create_invitation(created_by=request.user, **form.cleaned_data)
    link = with_site_url(request.build_absolute_uri(reverse("accounts:accept-invitation", args=[new.token])))
    return render(request, "accounts/invitation_created.html", {"invitation": new.invitation, "link": link})


@administrator_required
@require_POST
def revoke_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    try:
        services.revoke_invitation(invitation=get_object_or_404(Invitation, pk=pk))
        messages.success(request, gettext("The invitation no longer works."))
    except AccountsError as error:
        messages.error(request, error.message)
    return redirect("accounts:settings")


def _render_site_settings(request: HttpRequest, **forms: Any) -> HttpResponse:
    site = SiteSettings.objects.current()
    context = {
        "policy_form": SignUpPolicyForm(initial={"sign_up": site.sign_up}),
        "second_factor_form": SecondFactorForm(initial={"second_factor": site.second_factor}),
        "quota_form": QuotaForm(initial={"quota_megabytes": site.quota_megabytes}),
        "invitation_form": InvitationForm(),
        "sign_up": site.sign_up,
        "invitations": Invitation.objects.newest_first()[:MAX_INVITATIONS],
        "people": User.objects.newest_first()[:MAX_USERS],
        "people_count": User.objects.count(),
    }
    return render(request, "accounts/settings.html", {**context, **forms})
