"""Services of sessions: start, record, resume, finish, edit and delete."""

from __future__ import annotations

import datetime as dt
import unicodedata
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max, Model, Q
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext

from analysis.emotion_fields import emotion_values
from analysis.errors import SessionError
from analysis.history.sums import HistoryEntry, add_to_history, remove_from_history, sample_entries
from analysis.searched_names import fold_name
from analysis.sessions.emotion_counts import save_session_counts
from analysis.sessions.models import Sample, Session
from analysis.webhooks.models import Event
from analysis.webhooks.services import record_event
from ferproject import numbers
from ferproject.queue.clock import clock_watch

NAME_MAX = 120
NOTES_MAX = 10_000
RESUMABLE = dt.timedelta(minutes=10)
"""How long after its last write a session may be resumed."""
ABANDONED = dt.timedelta(seconds=90)
"""A live session without a write for this long has lost its server; see `LiveRecorder` for how often it writes."""
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""In a name they would also reorder the text after it."""


@dataclass(frozen=True)
class NewSample:
    """One face in one second of a session; `probabilities`, in the order of `EMOTIONS`, and `score` are means.

    It is saved only if the session still has this `token`, if one is given.
    """

    session_id: uuid.UUID
    second: int
    face: int
    frames: int
    model: str
    probabilities: tuple[float, ...]
    score: float | None = None
    token: uuid.UUID | None = None


def start_session(
    *,
    owner: Model,
    source: str = Session.Source.LIVE,
    name: str = "",
    started_at: dt.datetime | None = None,
    token: uuid.UUID | None = None,
) -> Session:
    """Create a session, named after its source by default, that the live connection of `token` writes."""
    started_at = started_at or timezone.now()
    name = name or (gettext("Video") if source == Session.Source.VIDEO else gettext("Live session"))
    return Session.objects.create(
        owner=owner, source=source, name=name, started_at=started_at, seen_at=started_at, token=token
    )


def request_session(*, owner: Model, session_id: str) -> uuid.UUID | None:
    """Ask whoever writes the owner's session to end it, in whatever process; return their token, None for nobody."""
    written = Session.objects.owned_by(owner).open().filter(pk=_parse_id(session_id), token__isnull=False)
    written.update(wanted_at=timezone.now())
    return written.values_list("token", flat=True).first()


def taken_sessions(*, tokens: Mapping[uuid.UUID, uuid.UUID]) -> set[uuid.UUID]:
    """Return which of these sessions, their tokens by id, another connection writes now or asks for."""
    rows = Session.objects.filter(pk__in=tokens).values_list("pk", "token", "wanted_at")
    return {pk for pk, token, wanted_at in rows if wanted_at or token != tokens[pk]}


def resume_session(*, owner: Model, session_id: str, token: uuid.UUID | None = None) -> tuple[Session, int]:
    """Reopen the owner's recent live session; return it and its last face's number, 0 without any.

    The connection of `token` writes it from now on; samples of an earlier token are not saved any more. Raises
    `SessionError` of code "no_such_session".
    """
    now = timezone.now()
    recent = Session.objects.owned_by(owner).live().filter(seen_at__gte=now - RESUMABLE)
    with transaction.atomic():
        session = recent.select_for_update().filter(pk=_parse_id(session_id)).first()
        if session is None:
            message = gettext("You have no such session, or it was deleted, or it ended too long ago to be continued.")
            raise SessionError("no_such_session", message)
        session.ended_at, session.seen_at, session.token, session.wanted_at = None, now, token, None
        session.save(update_fields=["ended_at", "seen_at", "token", "wanted_at"])
        return session, session.samples.aggregate(last=Max("face"))["last"] or 0


def record_samples(*, samples: Sequence[NewSample]) -> None:
    """Save samples of any number of sessions, and add them to their owners' history.

    Skips samples that are already saved, and those of sessions that were deleted or that another connection took over.
    """
    with transaction.atomic():
        # A deletion of the session waits for the lock, and then finds these samples.
        locked = Session.objects.select_for_update().filter(pk__in={sample.session_id for sample in samples})
        sessions = {session.pk: session for session in locked.order_by("pk")}
        rows = _without_saved(_row(sample) for sample in samples if _may_save(sample, sessions.get(sample.session_id)))
        Sample.objects.bulk_create(rows)
        add_to_history(_history_entry(row, sessions[row.session_id]) for row in rows)
        Session.objects.filter(pk__in=sessions).update(seen_at=Greatest("seen_at", timezone.now()), tally=None)


def count_frames(*, counts: Mapping[uuid.UUID, tuple[int, int]]) -> None:
    """Add (analysed, dropped) frames to sessions by id, and mark the sessions as alive."""
    now = timezone.now()
    alike: dict[tuple[int, int], list[uuid.UUID]] = defaultdict(list)
    for session_id, count in counts.items():
        alike[count].append(session_id)
    with transaction.atomic():
        # Sessions at the same pace have the same counts: one statement for all of them.
        for (frames, dropped), ids in alike.items():
            Session.objects.filter(pk__in=ids).update(
                frames=F("frames") + frames, dropped=F("dropped") + dropped, seen_at=now
            )


def finish_session(
    *,
    session_id: uuid.UUID,
    ended_at: dt.datetime | None = None,
    frames: int = 0,
    dropped: int = 0,
    token: uuid.UUID | None = None,
) -> None:
    """End a session and add its last frames; does nothing if it was deleted, or if it has another token than given."""
    # Clocks may be set back, but a session must not end before it starts.
    ended_at = Greatest("started_at", ended_at or timezone.now())
    sessions = Session.objects.filter(pk=session_id, **({"token": token} if token else {}))
    counts = {"frames": F("frames") + frames, "dropped": F("dropped") + dropped}
    # Many sessions end in one transaction, where a savepoint each would be two more statements.
    with transaction.atomic(savepoint=False):
        open_ = sessions.open().live().only("owner", "started_at", "frames").first()
        if sessions.update(ended_at=ended_at, seen_at=ended_at, token=None, wanted_at=None, **counts):
            save_session_counts(session_id=session_id)
            if open_ is not None:
                _record_end(open_, open_.frames + frames)


def _record_end(session: Session, frames: int) -> None:
    """Write the event of a live session that has ended; a video's session has the video's event."""
    if frames:
        data = {"session": str(session.pk), "started_at": session.started_at.isoformat(), "frames": frames}
        record_event(event=Event.SESSION_ENDED, data=data, owner_id=session.owner_id)


def discard_empty_session(*, session_id: uuid.UUID) -> bool:
    """Delete a session without frames; return whether it was one."""
    # Samples are written before frames are counted, and are in the history's sums.
    deleted, _ = Session.objects.filter(pk=session_id, frames=0, samples=None, token=None).delete()
    return bool(deleted)


def close_abandoned_sessions(*, older_than: dt.timedelta = ABANDONED) -> int:
    """End live sessions whose server died at their last write; return how many.

    Also deletes sessions without frames that can no longer be resumed.
    """
    now = timezone.now()
    live = Session.objects.live()
    silent = live.open().filter(Q(seen_at__lt=now - older_than) | Q(seen_at__gt=now + older_than))
    if clock_watch.seconds_since_set() < older_than.total_seconds():
        silent = silent.none()
    ids = list(silent.values_list("pk", flat=True))
    with transaction.atomic():
        closed = silent.filter(pk__in=ids).update(ended_at=Greatest("started_at", "seen_at"))
        for pk in ids:
            save_session_counts(session_id=pk)
        for session in live.filter(pk__in=ids):
            _record_end(session, session.frames)
    live.filter(ended_at__lt=now - RESUMABLE, frames=0, samples=None).delete()
    return closed


def edit_session(*, session: Session, name: str | None = None, notes: str | None = None) -> None:
    """Change a session's name (1 to 120 characters) or notes (at most 10,000) or both.

    Raises `SessionError` of code "no_name", "name_too_long", "notes_too_long" or "no_such_session" and changes nothing.
    """
    values = {}
    if name is not None:
        values["name"] = clean_name(name)
        values["search_name"] = fold_name(values["name"])
    if notes is not None:
        values["notes"] = _checked_notes(notes)
    # Only these columns, because an open session is being written to.
    if values and not Session.objects.filter(pk=session.pk).update(**values):
        raise SessionError("no_such_session", gettext("This session was deleted in the meantime."))
    for field, value in values.items():
        setattr(session, field, value)


def delete_session(*, session: Session) -> None:
    """Delete a session with its samples, its part of the history's sums, and its video with its files."""
    delete_sessions(owner=session.owner, ids=[session.pk])


def delete_sessions(*, owner: Model, ids: Collection[uuid.UUID]) -> int:
    """Delete the owner's sessions among `ids`; return how many there were."""
    with transaction.atomic():
        # Locked, so that no sample is added after the samples are subtracted from the sums.
        sessions = Session.objects.owned_by(owner).select_for_update().filter(pk__in=ids).order_by("pk")
        found = [session.pk for session in sessions]
        remove_from_history(sample_entries(Sample.objects.filter(session__in=found)))
        Session.objects.filter(pk__in=found).delete()
    return len(found)


def _parse_id(text: str) -> uuid.UUID | None:
    """Return a session's id, None for a text that is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _may_save(sample: NewSample, session: Session | None) -> bool:
    return session is not None and (sample.token is None or sample.token == session.token)


def _without_saved(rows: Iterable[Sample]) -> list[Sample]:
    """Leave out duplicates and rows that are saved already, as after a commit whose confirmation was lost."""
    wanted = {(row.session_id, row.second, row.face): row for row in rows}
    saved = Sample.objects.filter(
        session__in={session for session, _, _ in wanted}, second__in={second for _, second, _ in wanted}
    )
    for key in saved.values_list("session_id", "second", "face"):
        wanted.pop(key, None)
    return list(wanted.values())


def _row(sample: NewSample) -> Sample:
    return Sample(
        session_id=sample.session_id,
        second=sample.second,
        face=sample.face,
        frames=sample.frames,
        model=sample.model,
        score=None if sample.score is None else min(1.0, max(0.0, sample.score)),
        **emotion_values(sample.probabilities),
    )


def _history_entry(row: Sample, session: Session) -> HistoryEntry:
    return HistoryEntry(
        owner_id=session.owner_id,
        at=session.started_at + dt.timedelta(seconds=row.second),
        source=session.source,
        model=row.model,
        emotion=row.emotion,
        probabilities=row.probabilities,
        item_id=session.pk,
    )


def clean_name(name: str) -> str:
    """Return a session's name without what cannot be shown; raise `SessionError` where nothing or too much is left."""
    name = "".join(c for c in _clean(" ".join(name.split())) if c not in _BIDI_CONTROLS).strip()
    if not name:
        raise SessionError("no_name", gettext("Enter a name of up to %(limit)s characters.") % {"limit": NAME_MAX})
    if len(name) > NAME_MAX:
        message = gettext("This name has %(count)s characters. Names can have up to %(limit)s.")
        raise SessionError("name_too_long", message % {"count": numbers.number(len(name)), "limit": NAME_MAX})
    return name


def _checked_notes(notes: str) -> str:
    notes = _clean(notes.replace("\r\n", "\n").replace("\r", "\n")).strip()
    if len(notes) > NOTES_MAX:
        message = gettext("These notes have %(count)s characters. Notes can have up to %(limit)s.")
        values = {"count": numbers.number(len(notes)), "limit": numbers.number(NOTES_MAX)}
        raise SessionError("notes_too_long", message % values)
    return notes


def _clean(text: str) -> str:
    """Remove control characters and surrogates, which pages cannot show and databases cannot store."""
    clean = "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs") or c in "\n\t")
    # Composition lengthens a few characters; it must not make a text too long.
    return min(unicodedata.normalize("NFC", clean), clean, key=len)
