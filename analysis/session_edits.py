"""What people do to their sessions afterwards: rename, annotate, delete."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Collection

from django.db import transaction
from django.db.models import Model

from analysis.errors import SessionError
from analysis.history_sums import counted_samples, take_from_history
from analysis.models import Sample, Session

NAME_MAX = 120
NOTES_MAX = 10_000
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that would turn round the text after a name, too."""


def edit_session(*, session: Session, name: str | None = None, notes: str | None = None) -> None:
    """Give a session another name, of 1 to 120 characters, other notes, of at most 10,000, or both; None: as it is.

    Raises `SessionError` of code "no_name", "name_too_long", "notes_too_long" or "no_such_session", and then changes
    neither.
    """
    values = {}
    if name is not None:
        values["name"] = _checked_name(name)
    if notes is not None:
        values["notes"] = _checked_notes(notes)
    if values:
        _update(session, **values)


def delete_session(*, session: Session) -> None:
    """Delete a session, its samples, what they added to the history's sums, and its video with its files."""
    delete_sessions(owner=session.owner, ids=[session.pk])


def delete_sessions(*, owner: Model, ids: Collection[uuid.UUID]) -> int:
    """Delete those of the owner's sessions; return how many there were."""
    with transaction.atomic():
        # Locked, so that nobody adds a sample between its being taken out of the sums and its deletion.
        sessions = Session.objects.owned_by(owner).select_for_update().filter(pk__in=ids).order_by("pk")
        found = [session.pk for session in sessions]
        take_from_history(counted_samples(Sample.objects.filter(session__in=found)))
        Session.objects.filter(pk__in=found).delete()
    return len(found)


def _checked_name(name: str) -> str:
    name = _clean(" ".join(name.split()), also=_TURNING).strip()
    if not name:
        raise SessionError("no_name", f"A name of 1 to {NAME_MAX} characters is needed; this one is empty.")
    if len(name) > NAME_MAX:
        raise SessionError("name_too_long", f"A name has at most {NAME_MAX} characters; this one has {len(name)}.")
    return name


def _checked_notes(notes: str) -> str:
    notes = _clean(notes.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(notes) > NOTES_MAX:
        message = f"Notes have at most {NOTES_MAX:,} characters; these have {len(notes):,}."
        raise SessionError("notes_too_long", message)
    return notes


def _update(session: Session, **values: str) -> None:
    # These columns alone: a session that is open is being written to.
    if not Session.objects.filter(pk=session.pk).update(**values):
        raise SessionError("no_such_session", "This session was deleted meanwhile.")
    for field, value in values.items():
        setattr(session, field, value)


def _clean(text: str, also: frozenset[str] = frozenset()) -> str:
    """Return text without what no page can show and no database keeps: control characters, halves of characters."""
    kept = "".join(c for c in text if (unicodedata.category(c) not in ("Cc", "Cs") or c in "\n\t") and c not in also)
    # Of a few characters composing makes two: nobody's text becomes too long by it.
    return min(unicodedata.normalize("NFC", kept), kept, key=len)
