"""What a page's form has selected: single items, or all that match the list's filter."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict

from analysis.bulk.models import BulkJob
from analysis.bulk.services import MAX_SELECTED, check_count
from analysis.photos.forms import HistoryFilter
from analysis.photos.models import Photo
from analysis.sessions.forms import SessionFilter
from analysis.sessions.models import Session
from analysis.videos.forms import VideoFilter
from analysis.videos.models import Video

MODELS: dict[str, type[Any]] = {
    BulkJob.Kind.PHOTOS: Photo,
    BulkJob.Kind.SESSIONS: Session,
    BulkJob.Kind.VIDEOS: Video,
}


@dataclass(frozen=True)
class Selection:
    """The `rows` of one kind, newest first; `ids` as sent, or with `is_all` the `query` of the list's filter."""

    kind: str
    rows: QuerySet[Any]
    ids: tuple[str, ...]
    is_all: bool
    query: str

    def count(self) -> int:
        """Return how many are selected, at most one more than may be."""
        return self.rows[: MAX_SELECTED + 1].count()


def read_selection(request: HttpRequest, kind: str) -> Selection:
    """Return what a POST has selected; raise `BulkError` of code "too_many_selected" for too many ids.

    Ids that are none of the user's are left out.
    """
    owned = MODELS[kind].objects.owned_by(request.user).newest_first()
    texts, query = request.POST.getlist("item"), request.POST.get("filter", "")
    if request.POST.get("all") == "1":
        return Selection(kind, _matching(kind, owned, QueryDict(query)), (), True, query)
    check_count(len(texts))
    ids = [pk for text in texts if (pk := parse_id(text))]
    return Selection(kind, owned.filter(pk__in=ids), tuple(map(str, ids)), False, "")


def parse_id(text: str) -> uuid.UUID | None:
    """Return the id written as `text`, None where it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def _matching(kind: str, owned: Any, query: QueryDict) -> QuerySet[Model]:
    """Return the rows of the list that has this query; see the views of the three lists."""
    if kind == BulkJob.Kind.PHOTOS:
        return HistoryFilter(query).apply(owned)
    if kind == BulkJob.Kind.SESSIONS:
        return SessionFilter(query).apply(owned)
    return VideoFilter(query).apply(owned)
