"""Pages that list, create and revoke the user's API tokens."""

from __future__ import annotations

import uuid

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import AccountsError
from accounts.models import ApiToken
from accounts.security.services import Kind, record_event
from accounts.tokens import services
from accounts.tokens.forms import TokenForm


@never_cache
@login_required
@require_safe
def token_list(request: HttpRequest) -> HttpResponse:
    return _render_list(request, TokenForm())


@never_cache
@login_required
@require_POST
@reauthentication_required
def create_token(request: HttpRequest) -> HttpResponse:
    """Create a token and show its secret, which cannot be shown again."""
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _render_list(request, form)
    try:
        new = services.create_token(user=request.user, **form.cleaned_data)
    except AccountsError as error:
        form.add_error("name" if error.code == "name_taken" else None, error.message)
        return _render_list(request, form)
    record_event(request=request, kind=Kind.TOKEN_CREATED, user=request.user, detail=new.token.name)
    get_adapter(request).send_notification_mail(
        "account/email/token_created", request.user, {"token_name": new.token.name}
    )
    context = {"token": new.token, "secret": new.secret, "address": request.build_absolute_uri("/api/v1/me/")}
    return render(request, "accounts/token_created.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revoke_token(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for confirmation, then revoke the token."""
    token = get_object_or_404(ApiToken.objects.owned_by(request.user), public_id=pk)
    if request.method != "POST":
        return render(request, "accounts/token_revoke.html", {"token": token})
    services.revoke_token(token=token)
    record_event(request=request, kind=Kind.TOKEN_REVOKED, user=request.user, detail=token.name)
    messages.success(request, gettext("“%(name)s” no longer works.") % {"name": token.name})
    return redirect("accounts:tokens")


def _render_list(request: HttpRequest, form: TokenForm) -> HttpResponse:
    tokens, limit = list(ApiToken.objects.owned_by(request.user).newest_first()), services.MAX_TOKENS
    context = {"form": form, "tokens": tokens, "full": len(tokens) >= limit, "max": limit}
    return render(request, "accounts/tokens.html", context)
