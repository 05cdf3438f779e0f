"""A history nobody lived, for benches: as many photos, sessions and sums as asked for, quickly.

Its photos have no files: pages show their names and results, and an empty frame where the picture would be.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import DateTimeField, ForeignKey, Max, Model, UUIDField
from numpy.typing import NDArray

from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.errors import HistoryError
from analysis.history.sums import HistoryEntry, add_to_history
from analysis.photos.list_queries import fold_name, result_columns
from analysis.photos.models import Analysis, Face, Photo
from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.sessions.models import Sample, Session

MODELS = ("made-up-1", "made-up-2", "made-up-3")
"""Versions, each of which served for a third of the time."""
# Few faces show disgust, as in life: lists must find rare ones too.
_LEANINGS = {Emotion.HAPPY: 1.2, Emotion.NEUTRAL: 1.4, Emotion.DISGUST: -5.0}
_WORDS = ("IMG", "DSC", "Anna", "holiday", "birthday", "office", "portrait", "concert", "Straße", "harbour")
_BATCH = 2_000
_SESSION_SECONDS = 600


@dataclass(frozen=True)
class MadeUp:
    """How much was written."""

    photos: int
    faces: int
    sessions: int
    samples: int


@dataclass(frozen=True)
class _Rolled:
    """Results that chance gave: of each its emotion and seven probabilities that add up to 1."""

    emotions: list[str]
    probabilities: list[list[float]]


def fill_history(*, owner: Model, faces: int, days: int, seed: int, until: dt.datetime, force: bool = False) -> MadeUp:
    """Write `faces` faces in photos of one to three, and a fifth as many samples, over `days` days before `until`.

    Refuses where there is a history already, unless `force` is given: nothing here could tell the two apart again.
    """
    if not force and (Photo.objects.owned_by(owner).exists() or Session.objects.owned_by(owner).exists()):
        raise HistoryError(
            "has_history", f"{owner} has photos or sessions of their own, and made-up ones would mix in."
        )
    chance = np.random.default_rng(seed)
    start, seconds = until - dt.timedelta(days=days), days * 86_400
    with transaction.atomic():
        photos = _fill_photos(owner, faces, chance, start, seconds)
        sessions, samples = _fill_sessions(owner, faces // 5, chance, start, seconds)
        _set_sequences()
    return MadeUp(photos=photos, faces=faces, sessions=sessions, samples=samples)


def _fill_photos(owner: Model, faces: int, chance: np.random.Generator, start: dt.datetime, seconds: int) -> int:
    counts = _face_counts(faces, chance)
    moments = np.sort(chance.uniform(0, seconds, len(counts)))
    thirds = (moments * len(MODELS) // seconds).astype(int)
    for third, model in enumerate(MODELS):
        first, last = np.searchsorted(thirds, [third, third + 1]).tolist()
        for begin in range(first, last, _BATCH):
            portion = slice(begin, min(begin + _BATCH, last))
            times = [start + dt.timedelta(seconds=moment) for moment in moments[portion].tolist()]
            _write_photos(owner, model, times, counts[portion].tolist(), chance)
    return len(counts)


def _face_counts(faces: int, chance: np.random.Generator) -> NDArray[np.int64]:
    """Return how many faces each photo has: one to three, `faces` together."""
    counts = chance.integers(1, 4, faces)
    photos = int(np.searchsorted(np.cumsum(counts), faces)) + 1
    counts = counts[:photos]
    counts[-1] -= counts.sum() - faces
    return counts


def _write_photos(
    owner: Model, model: str, times: list[dt.datetime], counts: list[int], chance: np.random.Generator
) -> None:
    rolled = _roll(sum(counts), chance)
    ends = np.cumsum(counts).tolist()
    parts = [range(end - count, end) for count, end in zip(counts, ends, strict=True)]
    photos = [_photo(owner, model, at, rolled, part, chance) for at, part in zip(times, parts, strict=True)]
    _insert(Photo, photos)
    first_id = _next_id(Analysis)
    _insert(
        Analysis,
        [
            {"id": first_id + i, "photo": photo["id"], "model": model, "is_current": True, "created_at": at}
            | {"decode_ms": 5.0, "detect_ms": 4.0, "classify_ms": 2.0}
            for i, (photo, at) in enumerate(zip(photos, times, strict=True))
        ],
    )
    _insert(
        Face,
        [
            _face(first_id + i, position, rolled, index)
            for i, part in enumerate(parts)
            for position, index in enumerate(part, start=1)
        ],
    )
    add_to_history(
        HistoryEntry(owner.pk, at, "photo", model, rolled.emotions[index], tuple(rolled.probabilities[index]))
        for at, part in zip(times, parts, strict=True)
        for index in part
    )


def _photo(
    owner: Model, model: str, at: dt.datetime, rolled: _Rolled, part: range, chance: np.random.Generator
) -> dict[str, Any]:
    # The id is not of the seed's making: two people may be given the same history.
    pk, random = uuid.uuid4(), chance.bytes(4)
    name = f"{_WORDS[random[3] % len(_WORDS)]}_{random[:3].hex()}.jpg"
    return {
        "id": pk,
        "owner": owner.pk,
        "name": name,
        "search_name": fold_name(name),
        "source": Photo.Source.WEB.value,
        "sha256": pk.hex * 2,
        "width": 1280,
        "height": 960,
        "picture": f"made-up/{pk.hex}.jpg",
        "thumbnail": f"made-up/{pk.hex}.webp",
        "bytes": 0,
        "created_at": at,
        **result_columns(model, [(rolled.emotions[i], max(rolled.probabilities[i])) for i in part]),
    }


def _face(result: int, position: int, rolled: _Rolled, index: int) -> dict[str, Any]:
    box = {"x": 120.0 + 340 * (position - 1), "y": 220.0, "width": 260.0, "height": 340.0, "score": 0.95}
    return {"analysis": result, "position": position, **box, **_seen(rolled, index), "picture_doubts": ""}


def _seen(rolled: _Rolled, index: int) -> dict[str, Any]:
    probabilities = rolled.probabilities[index]
    return {
        "emotion": rolled.emotions[index],
        "confidence": max(probabilities),
        **dict(zip(PROBABILITY_FIELDS, probabilities, strict=True)),
    }


def _fill_sessions(
    owner: Model, samples: int, chance: np.random.Generator, start: dt.datetime, seconds: int
) -> tuple[int, int]:
    """Write live sessions of ten minutes with one face each; the last may be shorter."""
    lengths = list(_lengths(samples))
    for number, (moment, length) in enumerate(
        zip(np.sort(chance.uniform(0, seconds, len(lengths))).tolist(), lengths, strict=True), start=1
    ):
        begin = start + dt.timedelta(seconds=moment)
        end = begin + dt.timedelta(seconds=length)
        session = Session.objects.create(
            owner=owner,
            source=Session.Source.LIVE,
            name=f"Made-up session {number}",
            started_at=begin,
            ended_at=end,
            seen_at=end,
            frames=15 * length,
        )
        model = MODELS[int(moment * len(MODELS) // seconds)]
        _write_samples(session, model, _roll(length, chance))
    return len(lengths), samples


def _write_samples(session: Session, model: str, rolled: _Rolled) -> None:
    seconds = range(len(rolled.emotions))
    _insert(
        Sample,
        [
            {"session": session.pk, "second": second, "face": 1, "frames": 15, "model": model, **_seen(rolled, second)}
            for second in seconds
        ],
    )
    add_to_history(
        HistoryEntry(
            session.owner_id,
            session.started_at + dt.timedelta(seconds=second),
            session.source,
            model,
            rolled.emotions[second],
            tuple(rolled.probabilities[second]),
        )
        for second in seconds
    )


def _lengths(samples: int) -> Iterator[int]:
    while samples > 0:
        yield min(samples, _SESSION_SECONDS)
        samples -= _SESSION_SECONDS


def _roll(n: int, chance: np.random.Generator) -> _Rolled:
    leanings = np.array([_LEANINGS.get(emotion, 0.0) for emotion in EMOTIONS])
    weights = np.exp(leanings + chance.normal(0, 2, (n, len(EMOTIONS))))
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    return _Rolled([str(EMOTIONS[i]) for i in probabilities.argmax(axis=1)], probabilities.tolist())


def _next_id(table: type[Model]) -> int:
    return int(table._default_manager.aggregate(last=Max("pk"))["last"] or 0) + 1


def _insert(table: type[Model], rows: list[dict[str, Any]]) -> None:
    """Write rows as they are: a million model instances would take minutes more."""
    fields = [table._meta.get_field(name) for name in rows[0]]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    places = ", ".join(["%s"] * len(fields))
    name = connection.ops.quote_name(table._meta.db_table)
    # Only these are written otherwise than Python has them.
    prepared = {i: f for i, f in enumerate(fields) if isinstance(f, UUIDField | DateTimeField | ForeignKey)}
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {name} ({columns}) VALUES ({places})",  # noqa: S608
            [
                tuple(
                    prepared[i].get_db_prep_save(value, connection) if i in prepared else value
                    for i, value in enumerate(row.values())
                )
                for row in rows
            ],
        )


def _set_sequences() -> None:
    # The ids were given here; where a sequence gives them, it goes on after these.
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Analysis]):
            cursor.execute(statement)
