"""How django-allauth behaves on this site."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest

from accounts.models import SiteSettings
from accounts.signup.session_invitation import invitation_of


class AccountAdapter(DefaultAccountAdapter):
    """Lets people sign up as the administrators chose."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        policy = SiteSettings.objects.current().sign_up
        if policy == SiteSettings.SignUp.INVITATION:
            return invitation_of(request) is not None
        return policy == SiteSettings.SignUp.OPEN

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        # Of accounts made in the shell or the admin, allauth does not know which address is the primary one.
        return email_address.email != email_address.user.email and super().can_delete_email(email_address)
