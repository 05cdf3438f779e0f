"""Deleting an account with everything that is kept of a person: rows, files, and what deleted rows leave behind.

It is locked at once, in the request; the rest is a worker's, which goes on wherever another one was interrupted.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from collections.abc import Callable

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as SignInSession
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.errors import AccountsError
from accounts.models import AccountDeletion, ApiToken, Invitation, User
from analysis.audit.models import AuditEntry
from analysis.audit.services import pseudonymize, record_audit
from analysis.photos.models import Photo
from analysis.photos.services import delete_photos
from analysis.sessions.models import Session
from analysis.sessions.services import delete_sessions
from analysis.videos.models import Video
from analysis.videos.services import delete_video
from ferproject.sqlite import short_busy_timeout
from training.runs.contributions import remove_checkpoints, versions_learnt_from

PORTION = 500
CHECKPOINT_TRIES, CHECKPOINT_PAUSE = 20, 0.25
logger = logging.getLogger(__name__)


def request_deletion(*, user: User, by: User | None = None) -> AccountDeletion:
    """Lock an account now, on every device and for every token, and have a worker delete it.

    Raises `AccountsError` of code "last_administrator" for the only one who could administer the site.
    """
    with transaction.atomic():
        # Of two administrators who leave at once, the second waits here and stays.
        administrators = list(User.objects.select_for_update().filter(is_superuser=True, is_active=True))
        if user in administrators and len(administrators) == 1:
            who = "You are" if by in (None, user) else f"{user} is"
            message = f"{who} the site's only administrator. Make somebody else one first, in the admin under Users."
            raise AccountsError("last_administrator", message)
        deletion, is_new = AccountDeletion.objects.get_or_create(
            user=user, defaults={"pseudonym": f"former user {secrets.token_hex(3)}"}
        )
        User.objects.filter(pk=user.pk).update(is_active=False)
        ApiToken.objects.filter(user=user).delete()
        _sign_out_everywhere(user)
        if is_new:
            _record(deletion, user, by or user)
    return deletion


def sweep_deletions() -> None:
    """Go on with every deletion that was asked for; several workers at once do no harm."""
    for deletion in AccountDeletion.objects.filter(emptied_at=None).select_related("user"):
        _empty(deletion)
    waiting = AccountDeletion.objects.exclude(emptied_at=None)
    ids = list(waiting.values_list("pk", flat=True))
    if ids and erase_deleted():
        # Only those whose rows were gone before the erasing began.
        waiting.filter(pk__in=ids).delete()


def erase_deleted() -> bool:
    """Overwrite what deleted rows left in the database's file and its log; return whether nothing is left.

    SQLite keeps freed pages, and its write-ahead log keeps older states of pages until it is cut off, for which every
    reader must be past it. Another database reuses its space by itself.
    """
    if connection.vendor != "sqlite":
        return True
    try:
        with connection.cursor() as cursor:
            # A VACUUM writes everything into the log once more, which a reader would have pile up sweep by sweep.
            if not _cut_off_log(cursor):
                return False
            cursor.execute("VACUUM")
            return _cut_off_log(cursor)
    except OperationalError:
        logger.warning("Deleted rows could not be erased yet; the next sweep tries again", exc_info=True)
    return False


def _cut_off_log(cursor: CursorWrapper) -> bool:
    # While a checkpoint waits for a reader, nobody else can write.
    with short_busy_timeout():
        for _ in range(CHECKPOINT_TRIES):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if cursor.fetchone()[0] == 0:
                return True
            time.sleep(CHECKPOINT_PAUSE)
    return False


def _record(deletion: AccountDeletion, user: User, by: User) -> None:
    """Note the deletion, and under which versions the person's corrections live on."""
    pseudonymize(user=user, pseudonym=deletion.pseudonym)
    details = {"versions": versions_learnt_from(user=user)}
    entry = record_audit(actor=by, action=AuditEntry.ACCOUNT_DELETED, subject=deletion.pseudonym, details=details)
    if by == user:
        entry.pseudonym = deletion.pseudonym
        entry.save(update_fields=["pseudonym"])


def _sign_out_everywhere(user: User) -> None:
    for session in SignInSession.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def _empty(deletion: AccountDeletion) -> None:
    """Delete everything of an account, a portion at a time, and the account last."""
    user = deletion.user
    if user is not None:
        if not remove_checkpoints(user=user):
            return
        _delete_things(user)
        with transaction.atomic():
            # Staff may have looked once more since it was locked.
            pseudonymize(user=user, pseudonym=deletion.pseudonym)
            _name_versions(deletion, user)
            _forget_in_others_rows(user, deletion.pseudonym)
            # Once more: the last requests of before it was locked may have ended only now.
            _delete_things(user)
            # Once more: a run may have been resumed, its checkpoint read before it was removed.
            if not remove_checkpoints(user=user):
                return
            user.delete()
    AccountDeletion.objects.filter(pk=deletion.pk).update(emptied_at=timezone.now())


def _name_versions(deletion: AccountDeletion, user: User) -> None:
    """Note the versions anew: a run may have come to its end in the moment in which it was cancelled."""
    noted = AuditEntry.objects.filter(action=AuditEntry.ACCOUNT_DELETED, subject=deletion.pseudonym)
    noted.update(details={"versions": versions_learnt_from(user=user)})


def _delete_things(user: User) -> None:
    delete: Callable[[User], int]
    for delete in (_delete_videos, _delete_sessions, _delete_photos):
        while delete(user):
            pass


def _delete_photos(user: User) -> int:
    ids = list(Photo.objects.owned_by(user).values_list("pk", flat=True)[:PORTION])
    return delete_photos(owner=user, ids=ids) if ids else 0


def _delete_sessions(user: User) -> int:
    ids = list(Session.objects.owned_by(user).values_list("pk", flat=True)[:PORTION])
    return delete_sessions(owner=user, ids=ids) if ids else 0


def _delete_videos(user: User) -> int:
    videos = list(Video.objects.owned_by(user)[:PORTION])
    for video in videos:
        delete_video(video=video)
    return len(videos)


def _forget_in_others_rows(user: User, pseudonym: str) -> None:
    """Take the person's addresses out of rows that stay."""
    addresses = _addresses(user)
    _log_about(user).update(object_repr=pseudonym, change_message="")
    _forget_in_log(addresses, pseudonym)
    to_them = Q(email__in=addresses)
    # Without its address, an invitation that counts would let anybody in.
    Invitation.objects.pending().filter(to_them | Q(created_by=user)).delete()
    Invitation.objects.filter(to_them | Q(used_by=user)).update(email="")


def _addresses(user: User) -> set[str]:
    """Return every address of somebody's that rows tell of, former ones too, unless it is another's by now."""
    told = {
        user.email,
        *EmailAddress.objects.filter(user=user).values_list("email", flat=True),
        *Invitation.objects.filter(used_by=user).values_list("email", flat=True),
        *_log_about(user).values_list("object_repr", flat=True),
    }
    others = User.objects.exclude(pk=user.pk).filter(email__in=told)
    # An invitation for anybody has none.
    return {address for address in told if "@" in address} - set(others.values_list("email", flat=True))


def _log_about(user: User) -> QuerySet[LogEntry]:
    """Return what the admin noted about an account."""
    kind = ContentType.objects.get_for_model(User)
    return LogEntry.objects.filter(content_type=kind, object_id=str(user.pk))


def _forget_in_log(addresses: set[str], pseudonym: str) -> None:
    """Put the pseudonym in the place of addresses in what the admin noted about anything."""
    # Messages are JSON, which writes letters beyond ASCII otherwise.
    forms = addresses | {json.dumps(address)[1:-1] for address in addresses}
    mentioned = Q()
    for form in forms:
        mentioned |= Q(object_repr__icontains=form) | Q(change_message__icontains=form)
    # Not within a longer address, which is somebody else's.
    whole = re.compile(rf"(?<![\w.+%-])(?:{'|'.join(map(re.escape, forms))})(?![\w-]|\.\w)", re.IGNORECASE)
    for entry in LogEntry.objects.filter(mentioned):
        entry.object_repr = whole.sub(pseudonym, entry.object_repr)
        entry.change_message = whole.sub(pseudonym, entry.change_message)
        entry.save(update_fields=["object_repr", "change_message"])
