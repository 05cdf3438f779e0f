"""Demo data: a history of as many photos, sessions and sums as asked for, written quickly.

Its photos have no files: pages show their names and results, and an empty frame instead of a picture.
"""

from __future__ import annotations

import datetime as dt
import uuid
from itertools import islice
from typing import Any, NamedTuple

import numpy as np
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import DateTimeField, ForeignKey, Max, Model, UUIDField
from django.utils import timezone
from numpy.typing import NDArray

from analysis.corrections.models import Correction
from analysis.emotion_fields import PROBABILITY_FIELDS
from analysis.history.sums import HistoryEntry, add_to_history
from analysis.photos.list_queries import ListedFace, result_columns
from analysis.photos.models import Analysis, Face, Photo
from analysis.recognition.emotions import EMOTIONS, Emotion
from analysis.recognition.quality import is_close
from analysis.searched_names import fold_name
from analysis.sessions.models import Sample, Session

MODELS = ("demo-1", "demo-2", "demo-3")
"""Versions, each of which served for a third of the time."""
_BIASES = {Emotion.HAPPY: 1.2, Emotion.NEUTRAL: 1.4, Emotion.DISGUST: -5.0}
"""Disgust is rare, as in real histories, so that filters have to find rare faces too."""
_WORDS = ("IMG", "DSC", "Anna", "holiday", "birthday", "office", "portrait", "concert", "Straße", "harbour")
_BATCH = 2_000
_CORRECTED = 100
"""Of so many faces of photos, one is corrected."""
_SESSION_SECONDS = 600


class _Prediction(NamedTuple):
    """An emotion, and seven probabilities that add up to 1, in the order of `EMOTIONS`; what it was corrected to."""

    emotion: str
    probabilities: tuple[float, ...]
    correction: str = ""

    @property
    def corrected_emotion(self) -> str:
        return self.correction or self.emotion

    @property
    def listed(self) -> ListedFace:
        second, first = sorted(self.probabilities)[-2:]
        is_open = not self.correction and is_close(first, first - second)
        return ListedFace(self.emotion, first, self.corrected_emotion, is_open)

    @property
    def columns(self) -> dict[str, Any]:
        return {
            "emotion": self.emotion,
            "confidence": max(self.probabilities),
            **dict(zip(PROBABILITY_FIELDS, self.probabilities, strict=True)),
        }


def fill_history(*, owner: Model, faces: int, days: int = 365, seed: int = 0) -> None:
    """Write `faces` faces in photos of one to three, and a fifth as many samples, over the last `days` days."""
    rng = np.random.default_rng(seed)
    start, seconds = timezone.now() - dt.timedelta(days=days), days * 86_400
    with transaction.atomic():
        _fill_photos(owner, faces, rng, start, seconds)
        _fill_sessions(owner, faces // 5, rng, start, seconds)
        _reset_sequences()


def _fill_photos(owner: Model, faces: int, rng: np.random.Generator, start: dt.datetime, seconds: int) -> None:
    counts = _face_counts(faces, rng)
    moments = np.sort(rng.uniform(0, seconds, len(counts)))
    thirds = (moments * len(MODELS) // seconds).astype(int)
    for third, model in enumerate(MODELS):
        first, last = np.searchsorted(thirds, [third, third + 1]).tolist()
        for begin in range(first, last, _BATCH):
            batch = slice(begin, min(begin + _BATCH, last))
            times = [start + dt.timedelta(seconds=moment) for moment in moments[batch].tolist()]
            _write_photos(owner, model, times, counts[batch].tolist(), rng)


def _face_counts(faces: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the number of faces of each photo: one to three, `faces` in total."""
    counts = rng.integers(1, 4, faces)
    photos = int(np.searchsorted(np.cumsum(counts), faces)) + 1
    counts = counts[:photos]
    counts[-1] -= counts.sum() - faces
    return counts


def _write_photos(
    owner: Model, model: str, times: list[dt.datetime], counts: list[int], rng: np.random.Generator
) -> None:
    predictions = iter(_correct_some(_predict(sum(counts), rng)))
    faces = [list(islice(predictions, count)) for count in counts]
    photos = [_photo(owner, model, at, found, rng) for at, found in zip(times, faces, strict=True)]
    _insert(Photo, photos)
    first_id = int(Analysis.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    milliseconds = {"decode_ms": 5.0, "detect_ms": 4.0, "classify_ms": 2.0}
    constants = {"detector": settings.FACE_DETECTOR, "model": model, "is_current": True, **milliseconds}
    _insert(
        Analysis,
        [
            {"id": first_id + i, "photo": photo["id"], "created_at": photo["created_at"], **constants}
            for i, photo in enumerate(photos)
        ],
    )
    placed = [(i, *each) for i, found in enumerate(faces) for each in enumerate(found, start=1)]
    first_face = int(Face.objects.aggregate(last=Max("pk"))["last"] or 0) + 1
    _insert(Face, [{"id": first_face + n, **_face(first_id + i, *each)} for n, (i, *each) in enumerate(placed)])
    corrections = [
        _correction(first_face + n, owner, times[i], model, prediction)
        for n, (i, _, prediction) in enumerate(placed)
        if prediction.correction
    ]
    if corrections:
        _insert(Correction, corrections)
    add_to_history(
        HistoryEntry(
            owner.pk,
            times[i],
            "photo",
            model,
            face.emotion,
            face.probabilities,
            corrected_emotion=face.corrected_emotion,
        )
        for i, _, face in placed
    )


def _correct_some(predictions: list[_Prediction]) -> list[_Prediction]:
    """Correct one in `_CORRECTED` to the next emotion."""
    after = dict(zip(EMOTIONS, [*EMOTIONS[1:], EMOTIONS[0]], strict=True))
    return [
        each._replace(correction=str(after[Emotion(each.emotion)])) if (n + 1) % _CORRECTED == 0 else each
        for n, each in enumerate(predictions)
    ]


def _correction(face: int, owner: Model, at: dt.datetime, model: str, prediction: _Prediction) -> dict[str, Any]:
    emotions = {"emotion": prediction.correction, "said": prediction.emotion}
    return {"face": face, "by": owner.pk, **emotions, "model": model, "status": "pending", "created_at": at}


def _photo(
    owner: Model, model: str, at: dt.datetime, faces: list[_Prediction], rng: np.random.Generator
) -> dict[str, Any]:
    # The id does not depend on the seed: two users may get the same history.
    pk, random = uuid.uuid4(), rng.bytes(4)
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
        "picture": f"demo/{pk.hex}.jpg",
        "thumbnail": f"demo/{pk.hex}.webp",
        "bytes": 0,
        "created_at": at,
        **result_columns(
            model,
            settings.FACE_DETECTOR,
            [face.listed for face in faces],
            is_corrected=any(face.correction for face in faces),
        ),
    }


def _face(result: int, position: int, prediction: _Prediction) -> dict[str, Any]:
    box = {"x": 120.0 + 340 * (position - 1), "y": 220.0, "width": 260.0, "height": 340.0, "score": 0.95}
    owners = {"corrected_emotion": prediction.corrected_emotion, "is_included": True, "is_marked": False}
    return {"analysis": result, "position": position, **box, **prediction.columns, **owners, "picture_doubts": ""}


def _fill_sessions(owner: Model, samples: int, rng: np.random.Generator, start: dt.datetime, seconds: int) -> None:
    """Write live sessions of ten minutes with one face each, the last one shorter."""
    lengths = [min(_SESSION_SECONDS, samples - done) for done in range(0, samples, _SESSION_SECONDS)]
    moments = np.sort(rng.uniform(0, seconds, len(lengths))).tolist()
    for number, (moment, length) in enumerate(zip(moments, lengths, strict=True), start=1):
        begin = start + dt.timedelta(seconds=moment)
        end = begin + dt.timedelta(seconds=length)
        session = Session.objects.create(
            owner=owner,
            source=Session.Source.LIVE,
            name=f"Demo session {number}",
            started_at=begin,
            ended_at=end,
            seen_at=end,
            frames=15 * length,
        )
        _write_samples(session, MODELS[int(moment * len(MODELS) // seconds)], _predict(length, rng))


def _write_samples(session: Session, model: str, predictions: list[_Prediction]) -> None:
    constants = {"session": session.pk, "face": 1, "frames": 15, "model": model}
    _insert(
        Sample, [{**constants, "second": second, **prediction.columns} for second, prediction in enumerate(predictions)]
    )
    add_to_history(
        HistoryEntry(
            session.owner_id, session.started_at + dt.timedelta(seconds=second), session.source, model, *prediction[:2]
        )
        for second, prediction in enumerate(predictions)
    )


def _predict(n: int, rng: np.random.Generator) -> list[_Prediction]:
    biases = np.array([_BIASES.get(emotion, 0.0) for emotion in EMOTIONS])
    weights = np.exp(biases + rng.normal(0, 2, (n, len(EMOTIONS))))
    probabilities = weights / weights.sum(axis=1, keepdims=True)
    emotions = [str(EMOTIONS[i]) for i in probabilities.argmax(axis=1)]
    return [_Prediction(*pair) for pair in zip(emotions, map(tuple, probabilities.tolist()), strict=True)]


def _insert(table: type[Model], rows: list[dict[str, Any]]) -> None:
    """Insert rows without model instances: a million of those would take minutes more."""
    fields = [table._meta.get_field(name) for name in rows[0]]
    columns = ", ".join(connection.ops.quote_name(field.column) for field in fields)
    placeholders = ", ".join(["%s"] * len(fields))
    name = connection.ops.quote_name(table._meta.db_table)
    # The values of other fields are saved as they are.
    prepared = {i: f for i, f in enumerate(fields) if isinstance(f, UUIDField | DateTimeField | ForeignKey)}
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {name} ({columns}) VALUES ({placeholders})",
            [
                tuple(
                    prepared[i].get_db_prep_save(value, connection) if i in prepared else value
                    for i, value in enumerate(row.values())
                )
                for row in rows
            ],
        )


def _reset_sequences() -> None:
    # Ids of results were set here; a database with sequences has to continue after them.
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Analysis, Face]):
            cursor.execute(statement)
