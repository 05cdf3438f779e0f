"""Moving a site's rows from SQLite to PostgreSQL.

Each table is copied in order of its primary key, a batch a transaction, so that an interrupted move goes on where it
was. A table in the target says that a move is under way; it is dropped once both databases hold the same.
"""

from __future__ import annotations

import itertools
import math
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from graphlib import TopologicalSorter
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connections, models, transaction
from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Length

from ferproject.databases import advisory_lock, postgresql_settings

SOURCE, TARGET = "default", "target"
MARKER = "move_database"
BATCH = 5000
Model = type[models.Model]


class MoveError(Exception):
    """The move cannot begin, or the databases differ at its end."""


def move_database(*, url: str, report: Callable[[str], None]) -> None:
    """Copy every row to the database at `url`, and compare; nobody writes to the site's database meanwhile.

    Raises `MoveError` where the target holds another site, and where its counts or sums differ in the end.
    """
    if connections[SOURCE].vendor != "sqlite":
        raise MoveError("DATABASE_URL: expected none, so that this site's SQLite is what is moved.")
    connections.settings[TARGET] = connections.configure_settings(
        {SOURCE: connections.settings[SOURCE], TARGET: {**postgresql_settings(url)}}
    )[TARGET]
    try:
        with advisory_lock(connections[TARGET], MARKER), transaction.atomic(SOURCE):
            _prepare(url)
            tables = _tables()
            for model in tables:
                report(f"{model._meta.db_table}: {_copy(model)} rows copied")
            differences = [text for model in tables for text in _differences(model)]
            if differences:
                raise MoveError("The databases differ. " + " ".join(differences))
            _finish(tables)
    finally:
        connections[TARGET].close()


def _prepare(url: str) -> None:
    """Migrate the target, and empty it of the rows that migrations make, unless a move is under way there."""
    target = connections[TARGET]
    if MARKER in target.introspection.table_names():
        return
    # In a process of its own: migrations of data use the default database.
    environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": settings.SECRET_KEY}
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "migrate", "--verbosity", "0"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise MoveError(f"--to: it could not be migrated. {done.stderr}")
    if any(model._base_manager.using(TARGET).exists() for model in _tables() if model._meta.app_label == "accounts"):
        raise MoveError("--to: expected an empty database; got one with accounts of a site.")
    names = ", ".join(target.ops.quote_name(model._meta.db_table) for model in _tables())
    with transaction.atomic(TARGET), target.cursor() as cursor:
        cursor.execute(f"TRUNCATE {names}")
        cursor.execute(f"CREATE TABLE {MARKER} ()")


def _finish(tables: list[Model]) -> None:
    target = connections[TARGET]
    with transaction.atomic(TARGET), target.cursor() as cursor:
        for statement in target.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)
        cursor.execute(f"DROP TABLE {MARKER}")
    with target.cursor() as cursor:
        cursor.execute("ANALYZE")


def _tables() -> list[Model]:
    """Return the models of all tables, each after those that it refers to."""
    managed = {each for each in apps.get_models(include_auto_created=True) if each._meta.managed}
    related = {
        each: {field.related_model for field in each._meta.concrete_fields if field.is_relation} - {each}
        for each in sorted(managed, key=lambda each: each._meta.db_table)
        if not each._meta.proxy
    }
    return [each for each in TopologicalSorter(related).static_order() if each in related]


def _copy(model: Model) -> int:
    """Copy the rows of a table that the target does not have yet; return how many."""
    rows = model._base_manager.using(SOURCE).order_by("pk")
    copied = model._base_manager.using(TARGET)
    if isinstance(model._meta.pk, models.CharField):
        # The order of texts depends on the collation; such tables are small.
        rows = rows.exclude(pk__in=list(copied.values_list("pk", flat=True)))
    elif (last := copied.order_by("pk").values_list("pk", flat=True).last()) is not None:
        rows = rows.filter(pk__gt=last)
    return sum(_copy_batch(model, batch) for batch in _batches(model, rows))


def _stored_fields(model: Model) -> list[Any]:
    """Return the fields that are written; the database computes generated ones."""
    return [field for field in model._meta.concrete_fields if not field.generated]


def _batches(model: Model, rows: QuerySet[Any]) -> Iterator[list[tuple[Any, ...]]]:
    columns = [field.attname for field in _stored_fields(model)]
    values = rows.values_list(*columns).iterator(BATCH)
    while batch := list(itertools.islice(values, BATCH)):
        yield batch


def _copy_batch(model: Model, batch: list[tuple[Any, ...]]) -> int:
    target, fields = connections[TARGET], _stored_fields(model)
    quote = target.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    # JSON; other values are written as they were read.
    prepared = {i: field for i, field in enumerate(fields) if hasattr(field, "from_db_value")}
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    with transaction.atomic(TARGET), target.cursor() as cursor, cursor.copy(statement) as copy:
        for row in batch:
            copy.write_row(
                [prepared[i].get_db_prep_save(value, target) if i in prepared else value for i, value in enumerate(row)]
            )
    return len(batch)


def _differences(model: Model) -> Iterator[str]:
    """Yield what differs between the two tables: the number of rows, sums of numbers and of texts' lengths, spans."""
    source, target = (model._base_manager.using(alias).aggregate(**_measures(model)) for alias in (SOURCE, TARGET))
    for name, value in source.items():
        other = target[name]
        # Floats are added up in another order.
        are_floats = isinstance(value, float) and isinstance(other, float)
        if not (math.isclose(value, other, rel_tol=1e-9) if are_floats else value == other):
            yield f"{model._meta.db_table}, {name}: {value} in SQLite, {other} in PostgreSQL."


def _measures(model: Model) -> dict[str, Any]:
    measures: dict[str, Any] = {"rows": Count("*")}
    for field in model._meta.concrete_fields:
        name, kind = field.attname, field.get_internal_type()
        if kind == "BooleanField":
            measures[f"true_{name}"] = Count("pk", filter=Q(**{name: True}))
        elif kind in ("DateTimeField", "DateField"):
            measures |= {f"first_{name}": Min(name), f"last_{name}": Max(name)}
        elif kind in ("CharField", "TextField", "FileField"):
            measures[f"characters_{name}"] = Sum(Length(name))
        elif kind not in ("JSONField", "UUIDField", "GenericIPAddressField") and not field.is_relation:
            measures[f"sum_{name}"] = Sum(name)
        else:
            measures[f"given_{name}"] = Count(name)
    return measures
