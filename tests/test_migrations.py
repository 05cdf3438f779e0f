"""The version before serves on a database that is migrated already: docs/scaling.md, "Upgrading without a pause"."""

from __future__ import annotations

import pytest
from django.db import models
from django.db.migrations import operations as ops
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import F, Q

from tests.support.rolling_migrations import breaks, breaks_after

BASELINE = {
    "accounts": "0011_knox_table",
    "analysis": "0028_sums_by_capture_time",
    "training": "0005_fill_version_contributions",
}
"""The newest migrations of the version before; to be set with each release."""
ACCEPTED: dict[str, str] = {}
"""What breaks the version before by the rules and does no harm: the migration and its operation, and why."""


def test_no_migration_breaks_the_version_before():
    assert {name: why for name, why in breaks_after(BASELINE).items() if name not in ACCEPTED} == {}


def test_what_is_accepted_exists():
    assert ACCEPTED.keys() <= breaks_after(BASELINE).keys()


def _break(operation: Operation) -> str:
    """Return why an operation breaks the version before, whose only model is `Cat`; `Dog` is new."""
    state = ProjectState()
    fields = [("id", models.AutoField(primary_key=True)), ("name", models.CharField(max_length=9, null=True))]
    state.add_model(ModelState("app", "Cat", fields))
    state.add_model(ModelState("app", "Dog", fields))
    return "; ".join(why for _, why in breaks([operation], "app", state, made={("app", "dog")}))


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (ops.RemoveField("cat", "name"), "reads and writes"),
        (ops.RenameField("cat", "name", "title"), "old name"),
        (ops.RenameModel("Cat", "Tiger"), "old name"),
        (ops.DeleteModel("Cat"), "uses this table"),
        (ops.AlterModelTable("cat", "cats"), "old name"),
        (ops.RunSQL("drop table app_cat"), "nobody can tell"),
        (ops.SeparateDatabaseAndState(database_operations=[ops.RemoveField("cat", "name")]), "reads and writes"),
        (ops.AddField("cat", "age", models.IntegerField(default=1)), "db_default"),
        (ops.AddField("cat", "tag", models.CharField(db_default="", unique=True)), "twice"),
        (ops.AddConstraint("cat", models.CheckConstraint(condition=Q(name="Tom"), name="tom")), "refuses"),
        (ops.AlterUniqueTogether("cat", {("id", "name")}), "refuses"),
        (ops.AlterField("cat", "name", models.CharField(max_length=9)), "null"),
        (ops.AlterField("cat", "name", models.CharField(max_length=8, null=True)), "longer"),
        (ops.AlterField("cat", "name", models.CharField(max_length=9, null=True, unique=True)), "twice"),
        (ops.AlterField("cat", "name", models.IntegerField(null=True)), "another type"),
    ],
    ids=lambda value: value.describe() if isinstance(value, Operation) else "",
)
def test_what_breaks_the_version_before_is_found(operation: Operation, why: str):
    assert why in _break(operation)


@pytest.mark.parametrize(
    "operation",
    [
        ops.AddField("cat", "age", models.IntegerField(db_default=1)),
        ops.AddField("cat", "age", models.IntegerField(null=True)),
        ops.AddField(
            "cat",
            "shown",
            models.GeneratedField(expression=F("name"), output_field=models.CharField(), db_persist=True),
        ),
        ops.AddField("cat", "friends", models.ManyToManyField("app.Cat")),
        ops.AlterField("cat", "name", models.CharField(max_length=20, null=True)),
        ops.AddIndex("cat", models.Index(fields=["name"], name="cats")),
        ops.RunPython(ops.RunPython.noop),
        ops.CreateModel("Mouse", [("id", models.AutoField(primary_key=True))]),
        ops.RemoveField("dog", "name"),
        ops.DeleteModel("Dog"),
        ops.AddField("dog", "age", models.IntegerField(default=1)),
    ],
    ids=lambda operation: operation.describe(),
)
def test_what_does_not_is_let_through(operation: Operation):
    assert _break(operation) == ""
