"""Make, revoke and open links to what a user shares."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from dataclasses import dataclass

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from analysis.albums.models import Collection
from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.errors import LinkError
from analysis.photos.models import Photo
from analysis.sessions.models import Session
from analysis.sharing.models import SharedLink
from ferproject.numbers import number

MAX_DAYS = 365
MAX_ACTIVE = 200
"""Active links of a user."""
TITLE_MAX = 80
SECRET_BYTES = 24
MAX_SECRET_LENGTH = 100
Item = Photo | Session | Collection
Shows = SharedLink.Shows


@dataclass(frozen=True)
class NewLink:
    """A link with the secret of its address, which is not stored."""

    link: SharedLink
    secret: str


def create_link(
    *, owner: Model, item: Item, shows: str, expires_at: dt.datetime, title: str = "", password: str = ""
) -> NewLink:
    """Make a link to one of the owner's photos, sessions or albums.

    Raises `LinkError` of code "bad_expiry", "no_picture", "title_too_long", "weak_password" or "too_many_links".
    """
    _check(item, shows, expires_at, title, password)
    if SharedLink.objects.owned_by(owner).active().count() >= MAX_ACTIVE:
        text = ngettext(
            "You can have up to %(count)s active link. Revoke one first.",
            "You can have up to %(count)s active links. Revoke one first.",
            MAX_ACTIVE,
        )
        raise LinkError("too_many_links", text % {"count": number(MAX_ACTIVE)})
    secret = secrets.token_urlsafe(SECRET_BYTES)
    with transaction.atomic():
        link = SharedLink.objects.create(
            owner=owner,
            token_hash=_hash(secret),
            shows=shows,
            title=" ".join(title.split()),
            password=make_password(password) if password else "",
            expires_at=expires_at,
            **{SharedLink.field_of(item): item},
        )
        details = {"link": str(link.pk), "shows": link.shows, "password": bool(password)}
        details["expires_at"] = expires_at.isoformat()
        record_audit(actor=owner, action=AuditEntry.SHARED, subject=_subject(link), details=details)
    return NewLink(link, secret)


def revoke_link(*, link: SharedLink, by: Model) -> None:
    """End a link for good; does nothing where it was revoked before."""
    with transaction.atomic():
        now = timezone.now()
        if SharedLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=now):
            link.revoked_at = now
            details = {"link": str(link.pk)}
            record_audit(actor=by, action=AuditEntry.SHARE_REVOKED, subject=_subject(link), details=details)


def find_link(*, secret: str) -> SharedLink | None:
    """Return the active link whose address has this secret, None where it is unknown, expired or revoked."""
    if len(secret) > MAX_SECRET_LENGTH:
        return None
    return SharedLink.objects.active().filter(token_hash=_hash(secret)).first()


def is_password_of(*, link: SharedLink, password: str) -> bool:
    return check_password(password, link.password)


def has_picture(item: Item) -> bool:
    """Return whether there is a picture to show: a photo's, a video with its faces marked, an album's photos."""
    if isinstance(item, Photo):
        return bool(item.picture)
    if isinstance(item, Session):
        video = getattr(item, "video", None)
        return bool(video and video.annotated)
    return True


def _check(item: Item, shows: str, expires_at: dt.datetime, title: str, password: str) -> None:
    now = timezone.now()
    if not now < expires_at <= now + dt.timedelta(days=MAX_DAYS, minutes=5):
        text = gettext("A link must expire within the next %(count)s days.")
        raise LinkError("bad_expiry", text % {"count": number(MAX_DAYS)})
    if shows == Shows.PICTURE and not has_picture(item):
        raise LinkError("no_picture", gettext("There is no picture to show. Share the results only."))
    if len(title) > TITLE_MAX:
        text = gettext("This title has %(count)s characters. Titles can have up to %(max)s.")
        raise LinkError("title_too_long", text % {"count": number(len(title)), "max": number(TITLE_MAX)})
    if password:
        try:
            validate_password(password)
        except ValidationError as error:
            raise LinkError("weak_password", " ".join(error.messages)) from error


def _hash(secret: str) -> str:
    # Long and random, so that no slow hash is needed.
    return hashlib.sha256(secret.encode()).hexdigest()


def _subject(link: SharedLink) -> str:
    return f"{link.kind} {link.item_id} of user {link.owner_id}"
