"""Every write to sessions: they start, fill with samples, are gone on with, end."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max, Model
from django.db.models.functions import Greatest
from django.utils import timezone

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.errors import SessionError
from analysis.history.sums import HistoryEntry, add_to_history, remove_from_history, sample_entries
from analysis.recognition.emotions import EMOTIONS
from analysis.sessions.emotion_counts import save_session_counts
from analysis.sessions.models import Sample, Session

RESUMABLE = dt.timedelta(minutes=10)
"""So long after its last rows a session may be gone on with."""
ABANDONED = dt.timedelta(seconds=90)
"""A live session whose server writes nothing for so long has lost it; see `LiveRecorder` for how often it writes."""
_NO_SUCH_SESSION = "There is no session of yours to go on with: it is unknown, was deleted or ended too long ago."


@dataclass(frozen=True)
class NewSample:
    """One face in one second of a session; `probabilities` are means in the order of `EMOTIONS`."""

    session_id: uuid.UUID
    second: int
    face: int
    frames: int
    model: str
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class NewFrames:
    """How many more frames of a session were analysed, and how many gave way to newer ones."""

    session_id: uuid.UUID
    frames: int
    dropped: int


@dataclass(frozen=True)
class ResumedSession:
    """A session that goes on; its faces so far are numbered up to `last_face`."""

    session: Session
    last_face: int


def start_session(
    *,
    owner: Model,
    source: str = Session.Source.LIVE,
    name: str = "",
    started_at: dt.datetime | None = None,
) -> Session:
    """Begin a timeline; without a name it is called what it is, for lists tell its start beside it."""
    started_at = started_at or timezone.now()
    name = name or f"{Session.Source(source).label} session"
    return Session.objects.create(owner=owner, source=source, name=name, started_at=started_at, seen_at=started_at)


def resume_session(*, owner: Model, session_id: str) -> ResumedSession:
    """Go on with an own live session shortly after it broke off; raise `SessionError` where there is none."""
    try:
        wanted = uuid.UUID(session_id)
    except ValueError:
        raise SessionError("no_such_session", _NO_SUCH_SESSION) from None
    now = timezone.now()
    recent = Session.objects.owned_by(owner).filter(source=Session.Source.LIVE, seen_at__gte=now - RESUMABLE)
    with transaction.atomic():
        session = recent.select_for_update().filter(pk=wanted).first()
        if session is None:
            raise SessionError("no_such_session", _NO_SUCH_SESSION)
        session.ended_at, session.seen_at = None, now
        session.save(update_fields=["ended_at", "seen_at"])
        last_face = session.samples.aggregate(last=Max("face"))["last"] or 0
    return ResumedSession(session, last_face)


def record_samples(*, samples: Sequence[NewSample]) -> None:
    """Keep samples of any number of sessions, and count them in their owners' history.

    What a session has already is not written again; one that was deleted meanwhile is passed over.
    """
    with transaction.atomic():
        sessions = _locked({sample.session_id for sample in samples})
        rows = _unknown(_row(sample) for sample in samples if sample.session_id in sessions)
        Sample.objects.bulk_create(rows)
        add_to_history(_counted(row, sessions[row.session_id]) for row in rows)
        Session.objects.filter(pk__in=sessions).update(seen_at=Greatest("seen_at", timezone.now()), tally=None)


def count_frames(*, counts: Sequence[NewFrames]) -> None:
    """Add to sessions' counts of frames, and note that they are alive."""
    now = timezone.now()
    with transaction.atomic():
        for new in counts:
            Session.objects.filter(pk=new.session_id).update(
                frames=F("frames") + new.frames, dropped=F("dropped") + new.dropped, seen_at=now
            )


def finish_session(
    *, session_id: uuid.UUID, ended_at: dt.datetime | None = None, frames: int = 0, dropped: int = 0
) -> None:
    """End a session, having added the frames that were not counted yet; one that is gone stays gone."""
    ended_at = ended_at or timezone.now()
    # Clocks are set back now and then; a session never ends before it starts.
    Session.objects.filter(pk=session_id).update(
        ended_at=Greatest("started_at", ended_at),
        seen_at=Greatest("started_at", ended_at),
        frames=F("frames") + frames,
        dropped=F("dropped") + dropped,
    )
    save_session_counts(session_id=session_id)


def discard_empty_session(*, session_id: uuid.UUID) -> bool:
    """Forget a session in which no frame was analysed; return whether it was such a one."""
    # Samples are written before frames are counted, and are in the sums.
    deleted, _ = Session.objects.filter(pk=session_id, frames=0, samples=None).delete()
    return bool(deleted)


def close_abandoned_sessions(*, older_than: dt.timedelta = ABANDONED) -> int:
    """End live sessions whose server died, where their last rows end; return how many.

    Those without a single frame go, once nobody can go on with them any more.
    """
    now = timezone.now()
    live = Session.objects.filter(source=Session.Source.LIVE)
    silent = live.open().filter(seen_at__lt=now - older_than)
    ids = list(silent.values_list("pk", flat=True))
    closed = silent.filter(pk__in=ids).update(ended_at=Greatest("started_at", "seen_at"))
    for pk in ids:
        save_session_counts(session_id=pk)
    live.filter(ended_at__lt=now - RESUMABLE, frames=0, samples=None).delete()
    return closed


def _locked(ids: set[uuid.UUID]) -> dict[uuid.UUID, Session]:
    """Return those that still exist; whoever deletes one meanwhile waits until its samples are in."""
    return {session.pk: session for session in Session.objects.select_for_update().filter(pk__in=ids).order_by("pk")}


def _unknown(rows: Iterable[Sample]) -> list[Sample]:
    """Leave out what is written already, as after a commit whose answer was lost, and what comes twice."""
    wanted = {(row.session_id, row.second, row.face): row for row in rows}
    known = Sample.objects.filter(
        session__in={session for session, _, _ in wanted},
        second__in={second for _, second, _ in wanted},
    )
    for key in known.values_list("session_id", "second", "face"):
        wanted.pop(key, None)
    return list(wanted.values())


def _row(sample: NewSample) -> Sample:
    # A mean of probabilities may round to a hair beyond 1.
    probabilities = [min(max(value, 0.0), 1.0) for value in sample.probabilities]
    likeliest = max(range(len(EMOTIONS)), key=probabilities.__getitem__)
    return Sample(
        session_id=sample.session_id,
        second=sample.second,
        face=sample.face,
        frames=sample.frames,
        model=sample.model,
        emotion=EMOTIONS[likeliest],
        confidence=probabilities[likeliest],
        **dict(zip(PROBABILITY_FIELDS, probabilities, strict=True)),
    )


def _counted(row: Sample, session: Session) -> HistoryEntry:
    return HistoryEntry(
        owner_id=session.owner_id,
        at=session.started_at + dt.timedelta(seconds=row.second),
        source=session.source,
        model=row.model,
        emotion=row.emotion,
        probabilities=row.probabilities,
    )


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
        remove_from_history(sample_entries(Sample.objects.filter(session__in=found)))
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
