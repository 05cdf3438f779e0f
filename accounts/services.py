"""Every write to accounts, site settings and invitations."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils import timezone

from accounts.errors import AccountsError
from accounts.models import Invitation, SiteSettings, User, hash_token
from accounts.signup import first_run
from accounts.time_zones import find_zone, newer_name


@dataclass(frozen=True)
class NewInvitation:
    """An invitation with its link's token, which is known only now."""

    invitation: Invitation
    token: str


def set_up_site(*, email: str, password: str, sign_up: str, purpose: str) -> User:
    """Create the first administrator and record the choices made; refuse where there is one already."""
    with transaction.atomic():
        # The row is the lock: of two set-ups at once the second waits here, then finds the first one's work.
        SiteSettings.objects.get_or_create(pk=SiteSettings.ONLY_ID)
        site = SiteSettings.objects.select_for_update().get(pk=SiteSettings.ONLY_ID)
        if User.objects.administrators().exists():
            raise AccountsError("already_set_up", "This site has been set up already. Sign in instead.")
        site.sign_up = sign_up
        site.purpose = purpose
        site.uses_confirmed_at = timezone.now()
        site.save()
        user = User.objects.create_superuser(email, password)
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    first_run.discard_token()
    return user


def claim_address(*, user: User) -> None:
    """Make `user.email` the only address that leads to this account, and let it lead to no other."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    EmailAddress.objects.filter(email=user.email).exclude(user=user).delete()


def change_sign_up(*, sign_up: str) -> SiteSettings:
    """Choose who may sign up from now on."""
    if sign_up not in SiteSettings.SignUp.values:
        expected = ", ".join(SiteSettings.SignUp.values)
        raise AccountsError("unknown_sign_up", f"sign_up: expected one of {expected}; got {sign_up!r}")
    site, _ = SiteSettings.objects.update_or_create(pk=SiteSettings.ONLY_ID, defaults={"sign_up": sign_up})
    return site


def change_time_zone(*, user: User, time_zone: str) -> None:
    """Tell this person's days and hours in that zone from now on."""
    user.time_zone = _known_zone(time_zone)
    user.save(update_fields=["time_zone"])


def keep_found_time_zone(*, user: User, time_zone: str) -> None:
    """Take the zone a browser is in for somebody who has none; what was chosen stands, also if chosen just now."""
    User.objects.filter(pk=user.pk, time_zone="").update(time_zone=newer_name(_known_zone(time_zone)))


def change_quota(*, megabytes: int | None) -> SiteSettings:
    """Choose how many megabytes each person may keep from now on; None: no limit. What is there stays."""
    if megabytes is not None and megabytes < 1:
        raise AccountsError("bad_quota", f"megabytes: expected 1 or more, or none; got {megabytes}")
    site, _ = SiteSettings.objects.update_or_create(pk=SiteSettings.ONLY_ID, defaults={"quota_megabytes": megabytes})
    return site


def create_invitation(*, created_by: User, email: str = "", days: int = 7) -> NewInvitation:
    """Make a link that lets one person sign up within `days`."""
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        token_hash=hash_token(token),
        email=email.lower(),
        created_by=created_by,
        expires_at=timezone.now() + timedelta(days=days),
    )
    return NewInvitation(invitation, token)


def use_invitation(*, invitation: Invitation, user: User) -> None:
    """Mark an invitation as used by `user`; refuse one that no longer counts.

    Call it in the transaction that creates the account, so that a refusal takes the account back.
    """
    # One conditional UPDATE: of two people with one link only the first finds it unused.
    used = Invitation.objects.pending().filter(pk=invitation.pk).update(used_at=timezone.now(), used_by=user)
    if not used:
        raise AccountsError("invitation_spent", "This invitation has been used or has expired.")


def revoke_invitation(*, invitation: Invitation) -> None:
    """Take back an invitation that nobody has used yet."""
    deleted, _ = Invitation.objects.filter(pk=invitation.pk, used_at=None).delete()
    if not deleted:
        raise AccountsError("invitation_spent", "This invitation has been used already.")


def _known_zone(name: str) -> str:
    if find_zone(name) is None:
        raise AccountsError(
            "unknown_time_zone", f"time_zone: expected a time zone's name such as Europe/Berlin; got {name!r}"
        )
    return name
