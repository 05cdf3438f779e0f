"""Names as they are searched: a stored column, so that every database finds the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Self, TypeVar

from django.db import models
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import StrIndex

from ferproject.querysets import TimelineQuerySet

Rows = TypeVar("Rows", bound="QuerySet[Any]")
SEARCH_NAME_MAX = 255
# The accents of Latin, Greek and Cyrillic letters. Other scripts' marks make other letters.
_ACCENTS = re.compile("[\u0300-\u036f]")


class NamedQuerySet(TimelineQuerySet):
    """Rows with a `SearchedName`."""

    def named_like(self, text: str) -> Self:
        """Rows with `text` in their name, in any letter case, with or without accents."""
        return named_like(self, text)

    def matching(self, *, name: str = "", **lookups: Any) -> Self:
        """Filter by lookups, and by a part of the name; "" filters nothing."""
        rows = self.filter(**lookups)
        return rows.named_like(name) if name else rows


class SearchedName(models.Model):
    """The name of a row as it is searched, which `save` derives from `name`."""

    search_name = models.CharField(
        max_length=SEARCH_NAME_MAX, db_default="", editable=False, help_text="The name as it is searched."
    )

    class Meta:
        abstract = True

    def save(self, **kwargs: Any) -> None:
        self.search_name = fold_name(self.name)
        super().save(**kwargs)


def named_like(rows: Rows, text: str, *columns: str) -> Rows:
    """Return the rows with `text` in one of these columns, names as they are searched."""
    found = Q()
    for number, column in enumerate(columns or ("search_name",)):
        rows = rows.alias(**{f"at_{number}": StrIndex(column, Value(fold_name(text)))})
        found |= Q(**{f"at_{number}__gt": 0})
    return rows.filter(found)


def fold_name(name: str) -> str:
    """Return a name as it is searched, without letter case and accents."""
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", name.casefold()))
    return unicodedata.normalize("NFC", bare)[:SEARCH_NAME_MAX]
