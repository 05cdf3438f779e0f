"""What a migration must not do while the version before serves on the same database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.db import models
from django.db.migrations import operations as ops
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

NEVER = {
    ops.RemoveField: "the version before reads and writes this column",
    ops.RenameField: "the version before knows the old name",
    ops.RenameModel: "the version before knows the old name",
    ops.DeleteModel: "the version before uses this table",
    ops.AlterModelTable: "the version before knows the old name",
    ops.RunSQL: "nobody can tell from SQL what it changes",
}
NEW_RULES = (ops.AddConstraint, ops.AlterUniqueTogether)


def breaks_after(baseline: dict[str, str]) -> dict[str, str]:
    """Return what later migrations of these apps break, by migration and operation."""
    loader = MigrationLoader(None)
    before = {node for pair in baseline.items() for node in loader.graph.forwards_plan(pair)}
    later = sorted(node for node in loader.graph.nodes if node[0] in baseline and node not in before)
    made = {
        (app, operation.name_lower)
        for app, name in later
        for operation in loader.graph.nodes[app, name].operations
        if isinstance(operation, ops.CreateModel)
    }
    found = {}
    for app, name in later:
        state = loader.project_state((app, name), at_end=False)
        for operation, why in breaks(loader.graph.nodes[app, name].operations, app, state, made):
            found[f"{app}.{name}: {operation.describe()}"] = why
    return found


def breaks(
    operations: Iterable[Operation], app: str, state: ProjectState, made: set[tuple[str, str]]
) -> Iterator[tuple[Operation, str]]:
    """Yield each operation that breaks the version before, and why; it does not know the models `made` since."""
    for operation in operations:
        if isinstance(operation, ops.SeparateDatabaseAndState):
            yield from breaks(operation.database_operations, app, state.clone(), made)
        elif (app, _model(operation)) not in made and (why := _why(operation, app, state)):
            yield operation, why
        operation.state_forwards(app, state)


def _model(operation: Operation) -> str:
    return getattr(operation, "model_name_lower", getattr(operation, "name_lower", ""))


def _why(operation: Operation, app: str, state: ProjectState) -> str:
    """Return why an operation on a table that the version before knows breaks it, or ""."""
    if type(operation) in NEVER:
        return NEVER[type(operation)]
    if isinstance(operation, NEW_RULES):
        return "the version before may write what this rule refuses"
    if isinstance(operation, ops.AddField):
        field = operation.field
        if not (field.null or field.many_to_many or field.generated or field.has_db_default()):
            return "the version before writes no value for this column: give it a db_default, or allow null"
        return "the version before writes the same value twice" if field.unique and not field.null else ""
    if isinstance(operation, ops.AlterField):
        old = state.models[app, operation.model_name_lower].fields[operation.name]
        return _why_narrower(old, operation.field)
    return ""


def _why_narrower(old: models.Field, new: models.Field) -> str:
    """Return what the old field could hold and the new one cannot, or ""."""
    if old.get_internal_type() != new.get_internal_type() or old.db_column != new.db_column:
        return "the version before knows another type or name of this column"
    if old.null and not new.null and not new.has_db_default():
        return "the version before may write null"
    if new.unique and not old.unique:
        return "the version before may write the same value twice"
    if new.max_length is not None and (old.max_length is None or old.max_length > new.max_length):
        return "the version before may write longer values"
    return ""
