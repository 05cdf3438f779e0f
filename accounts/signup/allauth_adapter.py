"""Sign-up with django-allauth: its adapter, and the visitor's invitation, kept in the session until sign-up."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.http import HttpRequest

from accounts.models import Invitation, SiteSettings

SESSION_KEY = "invitation"


def pending_invitation(request: HttpRequest) -> Invitation | None:
    """Return the invitation in the visitor's session if it is still valid."""
    pk = request.session.get(SESSION_KEY)
    return Invitation.objects.pending().filter(pk=pk).first() if pk else None


class AccountAdapter(DefaultAccountAdapter):
    """Applies the site's sign-up policy."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        policy = SiteSettings.objects.current().sign_up
        if policy == SiteSettings.SignUp.INVITATION:
            return pending_invitation(request) is not None
        return policy == SiteSettings.SignUp.OPEN

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        # Accounts made in the shell or the admin have no primary address in allauth's table.
        return email_address.email != email_address.user.email and super().can_delete_email(email_address)
