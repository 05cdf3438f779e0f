"""allauth's pages of e-mail addresses, with stricter rules.

Only a confirmed address becomes the one to sign in with, and only an account's signed-in owner confirms a further one.
"""

from __future__ import annotations

from typing import Any

from allauth.account import views as allauth_views
from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext

from accounts import services


class EmailView(allauth_views.EmailView):
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            services.ensure_primary_address(user=request.user)
        return super().dispatch(request, *args, **kwargs)

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        address = self._get_email_address(request)
        # allauth allows it while none of the account's addresses is confirmed.
        if address is not None and not address.verified:
            messages.error(request, gettext("Confirm this address first: open the link in the email sent to it."))
            return None
        return super()._action_primary(request, *args, **kwargs)


class ConfirmEmailView(allauth_views.ConfirmEmailView):
    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        address = self.get_object().email_address
        if address.email != address.user.email:
            if self.request.user.pk != address.user_id:
                return redirect_to_login(self.request.get_full_path())
            raise_if_reauthentication_required(self.request, app="allauth.account")
        return super().post(*args, **kwargs)


email = EmailView.as_view()
confirm_email = ConfirmEmailView.as_view()
