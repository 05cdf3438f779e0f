"""Services that change accounts, site settings and invitations."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from accounts.errors import AccountsError
from accounts.models import Invitation, SiteSettings, User, hash_token
from accounts.time_zones import current_name, find_zone


@dataclass(frozen=True)
class NewInvitation:
    """An invitation with its link's token, which is not stored."""

    invitation: Invitation
    token: str


def set_up_site(*, email: str, password: str, sign_up: str, purpose: str) -> User:
    """Create the first administrator and save the site's settings.

    Raises `AccountsError` of code "already_set_up" if there is an administrator.
    """
    with transaction.atomic():
        # Lock the row, so that a concurrent set-up finds this one's administrator.
        SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY_ID)
        site = SiteSettings.objects.select_for_update().get(pk=SiteSettings.ONLY_ID)
        if User.objects.administrators().exists():
            raise AccountsError("already_set_up", gettext("This site is already set up. Sign in instead."))
        site.sign_up = sign_up
        site.purpose = purpose
        site.uses_confirmed_at = timezone.now()
        site.save()
        user = User.objects.create_superuser(email, password)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return user


def sync_email_addresses(*, user: User) -> None:
    """Make `user.email` the account's only address, and delete it from other accounts."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.filter(email=user.email).exclude(user=user).delete()


def ensure_primary_address(*, user: User) -> None:
    """Have allauth know `user.email` as the primary address, which accounts made in the shell or the admin lack."""
    address, _created = EmailAddress.objects.get_or_create(user=user, email=user.email)
    if not address.primary:
        EmailAddress.objects.filter(user=user, primary=True).update(primary=False)
        EmailAddress.objects.filter(pk=address.pk).update(primary=True)


def change_sign_up(*, sign_up: str) -> None:
    """Change the sign-up policy; raises `AccountsError` of code "unknown_sign_up"."""
    if sign_up not in SiteSettings.SignUp.values:
        expected = ", ".join(SiteSettings.SignUp.values)
        message = gettext("sign_up: expected one of %(expected)s; got “%(value)s”.")
        raise AccountsError("unknown_sign_up", message % {"expected": expected, "value": sign_up})
    SiteSettings.objects.update_or_create(pk=SiteSettings.ONLY_ID, defaults={"sign_up": sign_up})


def change_second_factor(*, second_factor: str) -> None:
    """Change who needs a second step to sign in; raises `AccountsError` of code "unknown_second_factor"."""
    if second_factor not in SiteSettings.SecondFactor.values:
        expected = ", ".join(SiteSettings.SecondFactor.values)
        message = gettext("second_factor: expected one of %(expected)s; got “%(value)s”.")
        raise AccountsError("unknown_second_factor", message % {"expected": expected, "value": second_factor})
    SiteSettings.objects.update_or_create(pk=SiteSettings.ONLY_ID, defaults={"second_factor": second_factor})


def change_quota(*, megabytes: int | None) -> None:
    """Change every user's storage quota, None for no limit; files over it stay. Raises `AccountsError` "bad_quota"."""
    if megabytes is not None and megabytes < 1:
        message = gettext("megabytes: expected 1 or more, or none; got %(value)s.")
        raise AccountsError("bad_quota", message % {"value": megabytes})
    SiteSettings.objects.update_or_create(pk=SiteSettings.ONLY_ID, defaults={"quota_megabytes": megabytes})


def change_time_zone(*, user: User, time_zone: str) -> None:
    """Set the user's time zone; raises `AccountsError` of code "unknown_time_zone"."""
    user.time_zone = _validated_zone(time_zone)
    user.save(update_fields=["time_zone"])


def change_language(*, user: User, language: str) -> None:
    """Set the user's language, "" for the browser's; raises `AccountsError` of code "unknown_language"."""
    if language and language not in dict(settings.LANGUAGES):
        message = gettext("Choose one of these languages: %(codes)s.") % {"codes": ", ".join(dict(settings.LANGUAGES))}
        raise AccountsError("unknown_language", message)
    user.language = language
    user.save(update_fields=["language"])


def keep_browser_language(*, user: User, language: str) -> None:
    """Set the language chosen before signing in, for a user who has chosen none; an unknown one changes nothing."""
    if language in dict(settings.LANGUAGES):
        User.objects.filter(pk=user.pk, language="").update(language=language)


def save_browser_time_zone(*, user: User, time_zone: str) -> None:
    """Set the browser's time zone for a user without one; raises `AccountsError` of code "unknown_time_zone"."""
    name = current_name(_validated_zone(time_zone))
    User.objects.filter(pk=user.pk, time_zone="").update(time_zone=name)


def _validated_zone(name: str) -> str:
    if find_zone(name) is None:
        message = gettext("“%(name)s” is not a time zone. An example of one is Europe/Berlin.")
        raise AccountsError("unknown_time_zone", message % {"name": name})
    return name


def create_invitation(*, created_by: User, email: str = "", days: int = 7) -> NewInvitation:
    """Create a link with which one person can sign up within `days`."""
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        token_hash=hash_token(token),
        email=email.lower(),
        created_by=created_by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return NewInvitation(invitation, token)


def use_invitation(*, invitation: Invitation, user: User | None) -> None:
    """Mark an invitation as used by `user`, None for somebody who has an account already.

    Raises `AccountsError` of code "invitation_spent". Call it in the transaction that creates the account, so that the
    error rolls both back.
    """
    # One conditional UPDATE: of two concurrent sign-ups, only one matches.
    used = Invitation.objects.pending().filter(pk=invitation.pk).update(used_at=timezone.now(), used_by=user)
    if not used:
        raise AccountsError("invitation_spent", gettext("This invitation has been used or has expired."))


def revoke_invitation(*, invitation: Invitation) -> None:
    """Delete an unused invitation; raises `AccountsError` of code "invitation_spent"."""
    deleted, _rows = Invitation.objects.filter(pk=invitation.pk, used_at=None).delete()
    if not deleted:
        raise AccountsError("invitation_spent", gettext("This invitation has already been used."))
