"""Deletion of an account: its rows, its files, and what deleted rows leave in the database's files.

The request locks the account; workers do the rest, and continue where one was interrupted.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import time
from enum import Enum
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session as SignInSession
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from accounts.errors import AccountsError
from accounts.models import AccountDeletion, ApiToken, Invitation, User
from analysis.audit.models import AuditEntry
from analysis.audit.services import pseudonymize, record_audit
from analysis.files.storage import is_storage_reachable
from analysis.photos.models import Photo
from analysis.photos.services import delete_photos
from analysis.sessions.models import Session
from analysis.sessions.services import delete_sessions
from analysis.videos.models import Video
from analysis.videos.services import delete_video
from ferproject.databases import short_lock_timeout
from training.runs.contributions import remove_checkpoints, versions_learnt_from

BATCH_SIZE = 500
CHECKPOINT_TRIES, CHECKPOINT_PAUSE = 20, 0.25
logger = logging.getLogger(__name__)


def request_deletion(*, user: User, by: User | None = None) -> AccountDeletion:
    """Lock an account, end all its sessions and tokens, and schedule its deletion.

    Raises `AccountsError` of code "last_administrator" for the only active administrator.
    """
    with transaction.atomic():
        # Locked, so that two administrators cannot both leave at the same time.
        administrators = list(User.objects.select_for_update().filter(is_superuser=True, is_active=True))
        if user in administrators and len(administrators) == 1:
            raise AccountsError("last_administrator", _last_administrator(user, by))
        deletion, is_new = AccountDeletion.objects.get_or_create(
            user=user, defaults={"pseudonym": f"former user {secrets.token_hex(3)}"}
        )
        User.objects.filter(pk=user.pk).update(is_active=False)
        ApiToken.objects.filter(user=user).delete()
        for session in SignInSession.objects.iterator():
            if session.get_decoded().get("_auth_user_id") == str(user.pk):
                session.delete()
        if is_new:
            _record_deletion(deletion, user, by or user)
    return deletion


def _last_administrator(user: User, by: User | None) -> str:
    if by in (None, user):
        return gettext("You are the site’s only administrator. First make somebody else one, in the admin under Users.")
    return gettext(
        "%(user)s is the site’s only administrator. First make somebody else one, in the admin under Users."
    ) % {"user": user}


def sweep_deletions() -> None:
    """Continue every requested deletion; concurrent sweeps are safe."""
    for deletion in AccountDeletion.objects.filter(emptied_at=None).select_related("user"):
        _delete_rows(deletion)
    # Listed before erasing: only these deletions' rows are surely erased.
    ids = list(AccountDeletion.objects.exclude(emptied_at=None).values_list("pk", flat=True))
    if ids and (erasure := erase_deleted()) != Erasure.POSTPONED:
        logger.info("Of %d deleted accounts %s", len(ids), erasure.value)
        AccountDeletion.objects.filter(pk__in=ids).delete()


class Erasure(Enum):
    """What was done with the remains of deleted rows."""

    ERASED = "nothing is left in the database's files"
    FREED = (
        "the rows' space in PostgreSQL's files is free; until it is used again, remains are there, and in the log of "
        "writes and in backups until those are removed"
    )
    POSTPONED = "remains could not be erased yet"


def erase_deleted() -> Erasure:
    """Erase remains of deleted rows from SQLite's file and write-ahead log; on PostgreSQL, free their space.

    SQLite's log holds earlier states of pages until it is truncated, for which no reader may still use it.
    """
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
        return Erasure.FREED
    return Erasure.ERASED if _erase_from_sqlite() else Erasure.POSTPONED


def _erase_from_sqlite() -> bool:
    try:
        with connection.cursor() as cursor:
            # VACUUM writes the whole database to the log, which would grow with every sweep while there is a reader.
            if not _truncate_log(cursor):
                return False
            cursor.execute("VACUUM")
            return _truncate_log(cursor)
    except OperationalError:
        logger.warning("Deleted rows could not be erased yet; the next sweep tries again", exc_info=True)
    return False


def _truncate_log(cursor: CursorWrapper) -> bool:
    # A checkpoint that waits for a reader blocks all writers.
    with short_lock_timeout():
        for _ in range(CHECKPOINT_TRIES):
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            if cursor.fetchone()[0] == 0:
                return True
            time.sleep(CHECKPOINT_PAUSE)
    return False


def _record_deletion(deletion: AccountDeletion, user: User, by: User) -> None:
    """Add the deletion to the audit log, with the versions that learnt from the user's corrections."""
    pseudonymize(user=user, pseudonym=deletion.pseudonym)
    details = {"versions": versions_learnt_from(user=user)}
    entry = record_audit(actor=by, action=AuditEntry.ACCOUNT_DELETED, subject=deletion.pseudonym, details=details)
    if by == user:
        entry.pseudonym = deletion.pseudonym
        entry.save(update_fields=["pseudonym"])


def _delete_rows(deletion: AccountDeletion) -> None:
    """Delete an account's content in batches, then the account itself."""
    user = deletion.user
    if user is not None:
        if not (is_storage_reachable() and remove_checkpoints(user=user)):
            return
        _delete_all_content(user)
        with transaction.atomic():
            # Staff may have viewed rows, and a run may have finished, since the account was locked.
            pseudonymize(user=user, pseudonym=deletion.pseudonym)
            recorded = AuditEntry.objects.filter(action=AuditEntry.ACCOUNT_DELETED, subject=deletion.pseudonym)
            recorded.update(details={"versions": versions_learnt_from(user=user)})
            _remove_addresses(user, deletion.pseudonym)
            # Again, for requests that began before the lock, and for a run resumed with its checkpoint in memory.
            _delete_all_content(user)
            if not remove_checkpoints(user=user):
                return
            user.delete()
    AccountDeletion.objects.filter(pk=deletion.pk).update(emptied_at=timezone.now())


def _delete_all_content(user: User) -> None:
    photos, sessions, videos = (model.objects.owned_by(user) for model in (Photo, Session, Video))
    delete_content(owner=user, photos=photos, sessions=sessions, videos=videos)


def delete_content(
    *, owner: User, photos: QuerySet[Photo], sessions: QuerySet[Session], videos: QuerySet[Video]
) -> None:
    """Delete rows of one owner with their files, in batches that lock the database for a short time only."""
    for video in videos:
        delete_video(video=video)
    while ids := first_ids(sessions):
        delete_sessions(owner=owner, ids=ids)
    while ids := first_ids(photos):
        delete_photos(owner=owner, ids=ids)


def first_ids(rows: QuerySet[Any]) -> list[Any]:
    """Return the primary keys of a batch of rows."""
    return list(rows.values_list("pk", flat=True)[:BATCH_SIZE])


def _remove_addresses(user: User, pseudonym: str) -> None:
    """Remove the user's e-mail addresses from rows that are not deleted with the account."""
    addresses = _addresses(user)
    _log_entries(user).update(object_repr=pseudonym, change_message="")
    _replace_in_admin_log(addresses, pseudonym)
    for_user = Q(email__in=addresses)
    # Without its address, a pending invitation would admit anybody.
    Invitation.objects.pending().filter(for_user | Q(created_by=user)).delete()
    Invitation.objects.filter(for_user | Q(used_by=user)).update(email="")


def _addresses(user: User) -> set[str]:
    """Return the user's present and former addresses, except those that another account uses now."""
    addresses = {
        user.email,
        *EmailAddress.objects.filter(user=user).values_list("email", flat=True),
        *Invitation.objects.filter(used_by=user).values_list("email", flat=True),
        *_log_entries(user).values_list("object_repr", flat=True),
    }
    others = User.objects.exclude(pk=user.pk).filter(email__in=addresses)
    # Invitations may have no address.
    return {address for address in addresses if "@" in address} - set(others.values_list("email", flat=True))


def _log_entries(user: User) -> QuerySet[LogEntry]:
    """Return the admin's log entries about an account."""
    content_type = ContentType.objects.get_for_model(User)
    return LogEntry.objects.filter(content_type=content_type, object_id=str(user.pk))


def _replace_in_admin_log(addresses: set[str], pseudonym: str) -> None:
    """Replace addresses by the pseudonym in all log entries of the admin."""
    # Messages are JSON, which escapes non-ASCII letters.
    forms = addresses | {json.dumps(address)[1:-1] for address in addresses}
    mentioned = Q()
    for form in forms:
        mentioned |= Q(object_repr__icontains=form) | Q(change_message__icontains=form)
    # Not as part of a longer address, which is another user's.
    whole = re.compile(rf"(?<![\w.+%-])(?:{'|'.join(map(re.escape, forms))})(?![\w-]|\.\w)", re.IGNORECASE)
    for entry in LogEntry.objects.filter(mentioned):
        entry.object_repr = whole.sub(pseudonym, entry.object_repr)
        entry.change_message = whole.sub(pseudonym, entry.change_message)
        entry.save(update_fields=["object_repr", "change_message"])
