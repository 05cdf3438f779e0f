"""Keyset pagination: a page begins beside a given row, so that the last page costs what the first does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.models import Model, Q, QuerySet


@dataclass(frozen=True)
class KeysetPage:
    """Rows in the list's order, and whether the list has others before and after them."""

    rows: list[Any]
    has_previous: bool
    has_next: bool


@dataclass(frozen=True)
class Keyset:
    """The columns that order a list, all ascending or all descending; the last one is unique, none is ever NULL."""

    columns: tuple[str, ...]

    @property
    def names(self) -> list[str]:
        return [column.lstrip("-") for column in self.columns]

    @property
    def is_descending(self) -> bool:
        return self.columns[0].startswith("-")

    def reversed(self) -> Keyset:
        return Keyset(tuple(name if self.is_descending else f"-{name}" for name in self.names))

    def after(self, model: type[Model], position: Sequence[object]) -> Q:
        """Return the condition of the rows that come after the one whose columns have the values of `position`."""
        side = "lt" if self.is_descending else "gt"
        values = [
            model._meta.get_field(name).to_python(value) for name, value in zip(self.names, position, strict=True)
        ]
        after = Q()
        for count, (name, value) in enumerate(zip(self.names, values, strict=True)):
            tied = dict(zip(self.names[:count], values[:count], strict=True))
            after |= Q(**tied, **{f"{name}__{side}": value})
        # The first condition alone bounds the index's range; the OR by itself would read it from its beginning.
        return Q(**{f"{self.names[0]}__{side}e": values[0]}) & after

    def read_page(
        self, rows: QuerySet[Any], position: Sequence[object] | None, *, size: int, backwards: bool = False
    ) -> KeysetPage:
        """Return at most `size` rows after `position`, or before it where `backwards`; None is the list's end."""
        order = self.reversed() if backwards else self
        if position is not None:
            rows = rows.filter(order.after(rows.model, position))
        found = list(_first(rows.order_by(*order.columns), size + 1))
        page = found[:size]
        has_further, has_nearer = len(found) > size, position is not None and bool(page)
        if backwards:
            return KeysetPage(page[::-1], has_previous=has_further, has_next=has_nearer)
        return KeysetPage(page, has_previous=has_nearer, has_next=has_further)

    def read_batches(self, rows: QuerySet[Any], *, size: int) -> Iterator[list[Any]]:
        """Yield all rows in batches, each read by a query of its own."""
        position = None
        while batch := self.read_page(rows, position, size=size).rows:
            yield batch
            position = [getattr(batch[-1], name) for name in self.names]


def _first(rows: QuerySet[Any], count: int) -> QuerySet[Any]:
    """Return the first `count` rows."""
    if connections[rows.db].vendor != "postgresql":
        return rows[:count]
    # PostgreSQL reads a row from the table before it filters by the index's other columns, unless the index has all
    # that is selected, as it has the id. SQLite filters first, and would read the whole list for such a query.
    return rows.filter(pk__in=rows.values("pk")[:count])
