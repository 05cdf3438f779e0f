"""The sums of albums and tags follow those of their owner's history."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from analysis.albums.models import COLLECTION_SUMS, Collection
from analysis.history.models import HistorySum
from analysis.history.sums import HistoryEntry, Sums, sum_up

_BATCH = 500


def add_entries(*, entries: list[HistoryEntry], **kwargs: Any) -> None:
    """Add entries to the sums of what their photo or session is in; a receiver of `entries_added`."""
    if sums := _collection_sums(entries):
        COLLECTION_SUMS.add(sums)


def remove_entries(*, entries: list[HistoryEntry], **kwargs: Any) -> None:
    """Subtract entries; a receiver of `entries_removed`."""
    if sums := _collection_sums(entries):
        COLLECTION_SUMS.subtract(sums)


def sums_of(collection: Collection, entries: Iterable[HistoryEntry]) -> Sums:
    """Return the sums of exactly these entries for one collection."""
    return _sums_for(collection.pk, entries)


def _sums_for(pk: uuid.UUID, entries: Iterable[HistoryEntry]) -> Sums:
    return {key._replace(owner_id=pk): totals for key, totals in sum_up(entries).items()}


def _collection_sums(entries: list[HistoryEntry]) -> Sums:
    by_collection: dict[uuid.UUID, list[HistoryEntry]] = defaultdict(list)
    for is_photo, column in ((True, "photo_id"), (False, "session_id")):
        by_item: dict[uuid.UUID, list[HistoryEntry]] = defaultdict(list)
        for entry in entries:
            if entry.item_id is not None and (entry.source == HistorySum.Source.PHOTO) == is_photo:
                by_item[entry.item_id].append(entry)
        for collection_id, item_id in _memberships(column, list(by_item)):
            by_collection[collection_id] += by_item[item_id]
    sums: Sums = {}
    for pk, found in by_collection.items():
        sums |= _sums_for(pk, found)
    return sums


def _memberships(column: str, ids: list[uuid.UUID]) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
    """Yield (collection id, item id) of everything that these photos or sessions are in."""
    through = Collection.photos.through if column == "photo_id" else Collection.sessions.through
    for start in range(0, len(ids), _BATCH):
        rows = through._default_manager.filter(**{f"{column}__in": ids[start : start + _BATCH]})
        yield from rows.values_list("collection_id", column)
