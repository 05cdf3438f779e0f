"""Make, change and delete albums and tags, and put photos and sessions into them."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Collection as Some
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext, ngettext

from analysis.albums.models import COLLECTION_SUMS, Collection
from analysis.albums.sums import sums_of
from analysis.errors import AlbumError
from analysis.history.sums import face_entries, sample_entries
from analysis.photos.models import Face, Photo
from analysis.sessions.models import Sample, Session
from ferproject.numbers import number

NAME_MAX = 80
MAX_PER_USER = 1000
"""Albums and tags of a user together."""
Kind = Collection.Kind


def create_collection(*, owner: Model, kind: str, name: str) -> Collection:
    """Make an empty album or tag.

    Raises `AlbumError` of code "no_name", "name_too_long", "name_taken" or "too_many_albums".
    """
    name = _checked_name(name)
    if Collection.objects.owned_by(owner).count() >= MAX_PER_USER:
        text = ngettext(
            "You can have up to %(count)s album or tag. Delete one that you no longer need.",
            "You can have up to %(count)s albums and tags. Delete one that you no longer need.",
            MAX_PER_USER,
        )
        raise AlbumError("too_many_albums", text % {"count": number(MAX_PER_USER)})
    try:
        with transaction.atomic():
            return Collection.objects.create(owner=owner, kind=kind, name=name)
    except IntegrityError as error:
        raise _name_taken(kind, name) from error


def find_or_create_collection(*, owner: Model, kind: str, name: str) -> Collection:
    """Return the owner's album or tag of that name in any letter case, made where there is none."""
    name = _checked_name(name)
    named = Collection.objects.owned_by(owner).filter(kind=kind).alias(folded=Lower("name"))
    found: Collection | None = named.filter(folded=Lower(Value(name))).first()
    return found or create_collection(owner=owner, kind=kind, name=name)


def edit_collection(*, collection: Collection, name: str | None = None, **cover: uuid.UUID | None) -> None:
    """Change a name, or with `cover` the id of the photo that stands for an album, None for its newest one.

    Raises `AlbumError` as `create_collection`, or of code "not_in_album".
    """
    if name is not None:
        collection.name = _checked_name(name)
    if "cover" in cover:
        collection.cover = _cover(collection, cover["cover"])
    try:
        with transaction.atomic():
            collection.save(update_fields=["name", "cover"])
    except IntegrityError as error:
        raise _name_taken(collection.kind, collection.name) from error


def delete_collection(*, collection: Collection) -> None:
    """Delete an album or tag; what is in it stays in the history."""
    collection.delete()


def add_items(*, collection: Collection, photos: Some[uuid.UUID] = (), sessions: Some[uuid.UUID] = ()) -> int:
    """Put the owner's photos and sessions with these ids into a collection; return how many were not in it before."""
    with transaction.atomic():
        _lock(collection)
        added = 0
        for items, model, ids in ((collection.photos, Photo, photos), (collection.sessions, Session, sessions)):
            if not ids:
                continue
            known = set(items.filter(pk__in=ids).values_list("pk", flat=True))
            # Locked: a photo that is deleted, or gets another result meanwhile, would leave wrong sums.
            owned = model.objects.owned_by(collection.owner_id).select_for_update().filter(pk__in=ids).order_by("pk")
            new = [row for row in owned.values_list("pk", flat=True) if row not in known]
            items.add(*new)
            COLLECTION_SUMS.add(sums_of(collection, _entries(model, new)))
            added += len(new)
    return added


def remove_items(*, collection: Collection, photos: Some[uuid.UUID] = (), sessions: Some[uuid.UUID] = ()) -> int:
    """Take photos and sessions out of a collection; return how many were in it."""
    with transaction.atomic():
        _lock(collection)
        removed = 0
        for items, model, ids in ((collection.photos, Photo, photos), (collection.sessions, Session, sessions)):
            if not ids:
                continue
            rows = items.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
            found = list(rows.values_list("pk", flat=True))
            COLLECTION_SUMS.subtract(sums_of(collection, _entries(model, found)))
            items.remove(*found)
            if model is Photo:
                Collection.objects.filter(pk=collection.pk, cover__in=found).update(cover=None)
            removed += len(found)
    return removed


def _entries(model: type[Model], ids: list[uuid.UUID]) -> Any:
    if model is Photo:
        return face_entries(Face.objects.current().filter(analysis__photo__in=ids))
    return sample_entries(Sample.objects.filter(session__in=ids))


def _lock(collection: Collection) -> None:
    """Let others who change what is in it wait; raise `AlbumError` where it was deleted."""
    # Rows of sums may be added meanwhile, by whoever holds a photo that this waits for.
    if not Collection.objects.select_for_update(no_key=True).filter(pk=collection.pk).exists():
        raise AlbumError("no_such_album", gettext("This album or tag no longer exists."))


def _cover(collection: Collection, pk: uuid.UUID | None) -> Photo | None:
    if pk is None:
        return None
    photo: Photo | None = collection.photos.filter(pk=pk).first()
    if photo is None:
        raise AlbumError("not_in_album", gettext("Choose a photo in the album as its cover."))
    return photo


def _name_taken(kind: str, name: str) -> AlbumError:
    if kind == Kind.ALBUM:
        text = gettext("You already have an album “%(name)s”. Choose another name.")
    else:
        text = gettext("You already have a tag “%(name)s”. Choose another name.")
    return AlbumError("name_taken", text % {"name": name})


def _checked_name(name: str) -> str:
    name = " ".join("".join(c if c.isprintable() else " " for c in unicodedata.normalize("NFC", name)).split())
    if not name:
        raise AlbumError("no_name", gettext("Enter a name."))
    if len(name) > NAME_MAX:
        text = gettext("This name has %(count)s characters. Names can have up to %(max)s.")
        raise AlbumError("name_too_long", text % {"count": number(len(name)), "max": number(NAME_MAX)})
    return name
