"""Every write about model versions: which exist, which one serves, and the log of who decided so."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from analysis.audit.models import AuditEntry
from analysis.audit.services import record
from analysis.errors import VersionError
from analysis.recognition.bundle import FILES, Bundle, check_name, file_sha256, local_bundle, read_bundle, read_shipped
from analysis.recognition.errors import RecognitionError
from analysis.versions.comparison import Comparison, compare, compare_with_active
from analysis.versions.models import ModelVersion
from analysis.versions.smoke_test import SmokeReport, smoke_test

__all__ = [
    "Comparison",
    "SmokeReport",
    "VersionError",
    "active_bundles",
    "compare_with_active",
    "delete_version",
    "find_bundle",
    "promote_version",
    "register_local",
    "register_shipped",
    "register_version",
    "roll_back",
    "smoke_test",
]

logger = logging.getLogger(__name__)


def register_version(*, name: str, pins: Mapping[str, str], origin: str, card: Mapping[str, Any]) -> ModelVersion:
    """Make a version known, inactive; `pins` are its files' SHA-256 from now on.

    Registering the same files again returns the row that is there: whoever was killed in between may ask twice.
    Raises `VersionError` of code "bad_version_name", "bad_pins", "bad_card" or "version_exists".
    """
    try:
        check_name(name)
    except RecognitionError as error:
        raise VersionError(error.code, error.message) from error
    if set(pins) != set(FILES):
        expected, found = ", ".join(FILES), ", ".join(pins) or "none"
        raise VersionError("bad_pins", f"{name}: expected a SHA-256 for each of {expected}; got {found}.")
    try:
        json.dumps(card, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise VersionError("bad_card", f"{name}: expected a card of finite JSON values; {error}.") from error
    values = {"pins": dict(pins), "origin": origin, "card": dict(card)}
    version, is_new = ModelVersion.objects.get_or_create(name=name, defaults=values)
    if not is_new and version.pins != values["pins"]:
        message = f"{name}: a version of this name exists already, with other files; choose another name."
        raise VersionError("version_exists", message)
    return version


def register_local(*, name: str) -> ModelVersion:
    """Make a version known that was trained in this machine's shell while there was no database.

    For whoever owns that shell, who is trusted with the folder as it is now. Raises `RecognitionError`, or what
    `register_version` raises.
    """
    bundle = local_bundle(settings.MODELS_STORE, name)
    pins = {file: file_sha256(bundle.folder / file) for file in FILES}
    return register_version(name=name, pins=pins, origin=ModelVersion.Origin.TRAINED, card=bundle.card)


def register_shipped() -> None:
    """Make the versions in `shipped.json` known; their default serves unless somebody ever chose another.

    A version whose files are not as pinned is left out with a warning: `migrate` goes on, `check` says more.
    """
    store = settings.MODELS_STORE
    try:
        shipped = read_shipped(store)
    except RecognitionError as error:
        logger.warning("No shipped model version was registered: %s", error.message)
        return
    for name, pins in shipped.versions.items():
        try:
            card = read_bundle(store / name, pins).card
        except RecognitionError as error:
            logger.warning("The shipped model version %s was not registered: %s", name, error.message)
            continue
        values = {"pins": pins, "origin": ModelVersion.Origin.SHIPPED, "card": card}
        ModelVersion.objects.update_or_create(name=name, defaults=values)
    _serve_default(shipped.default, set(shipped.versions))


def find_bundle(*, name: str) -> Bundle:
    """Return a version by name for this machine's shell: as the database pins it, where there is one that knows it.

    Elsewhere as `local_bundle` does. Raises `RecognitionError`.
    """
    try:
        version = ModelVersion.objects.filter(name=name).first()
    except DatabaseError:
        version = None
    if version is None:
        return local_bundle(settings.MODELS_STORE, name)
    return read_bundle(settings.MODELS_STORE / version.name, version.pins)


def active_bundles() -> list[Bundle]:
    """Return the version that serves, verified, to evaluate another beside it; none where there is none intact."""
    active = ModelVersion.objects.active()
    try:
        return [read_bundle(settings.MODELS_STORE / active.name, active.pins)] if active else []
    except RecognitionError as error:
        logger.warning("Nothing is evaluated beside the active model version: %s", error.message)
        return []


def promote_version(
    *,
    version: ModelVersion,
    actor: Model | None,
    reason: str = "",
    instead_of: str | None = None,
    via: str = "site",
) -> None:
    """Let `version` serve, after a smoke test and a comparison with the one that does.

    `instead_of` names the version that the actor saw serving; None stands for the one serving now. Raises
    `VersionError`, the active version untouched: the smoke test's own codes, "already_active", "reason_needed",
    or "active_changed" when somebody else was quicker.
    """
    before = ModelVersion.objects.active()
    if instead_of is not None and instead_of != (before.name if before else ""):
        raise _active_changed(before)
    if before == version:
        raise VersionError("already_active", f"{version} serves already.")
    _refuse_unfit(version)
    comparison = compare(version, before)
    if comparison.needs_reason and not reason.strip():
        raise VersionError("reason_needed", f"{comparison.explanation} To promote it all the same, write down why.")
    details = {"from": before.name if before else None, "needed_reason": comparison.explanation, "via": via}

    def activate() -> None:
        ModelVersion.objects.filter(pk=version.pk).update(previous=before)
        action = AuditEntry.PROMOTED
        record(actor=actor, action=action, subject=version.name, reason=reason.strip(), details=details)

    _switch(before, version, activate)


def roll_back(
    *, actor: Model | None, reason: str = "", instead_of: str | None = None, via: str = "site"
) -> ModelVersion:
    """Let the version serve again that the active one replaced; return it.

    Raises `VersionError`, the active version untouched: "nothing_to_roll_back", the smoke test's own codes, or
    "active_changed".
    """
    before = ModelVersion.objects.active()
    if instead_of is not None and instead_of != (before.name if before else ""):
        raise _active_changed(before)
    target = before.previous if before else None
    if before is None or target is None:
        serving = f"{before} was never promoted over another version" if before else "no version was promoted"
        raise VersionError("nothing_to_roll_back", f"There is nothing to roll back to: {serving}.")
    _refuse_unfit(target)
    action, details = AuditEntry.ROLLED_BACK, {"from": before.name, "via": via}

    def note() -> None:
        record(actor=actor, action=action, subject=target.name, reason=reason.strip(), details=details)

    _switch(before, target, note)
    return target


def delete_version(*, version: ModelVersion, actor: Model | None) -> None:
    """Delete a version trained here and its files; results made by it keep its name.

    Raises `VersionError` of code "version_active" or "version_shipped".
    """
    with transaction.atomic():
        row = ModelVersion.objects.select_for_update().get(pk=version.pk)
        if row.is_active:
            raise VersionError("version_active", f"{row} serves now; promote another version first.")
        if row.is_shipped:
            raise VersionError("version_shipped", f"{row} came with the program and cannot be deleted.")
        # What replaced it rolls back to what it had replaced itself.
        ModelVersion.objects.filter(previous=row).exclude(pk=row.previous_id).update(previous=row.previous)
        record(actor=actor, action=AuditEntry.VERSION_DELETED, subject=row.name, details={"pins": row.pins})
        row.delete()
        folder = settings.MODELS_STORE / check_name(row.name)
        transaction.on_commit(lambda: shutil.rmtree(folder, ignore_errors=True))


def _refuse_unfit(version: ModelVersion) -> None:
    report = smoke_test(version=version)
    if not report.ok:
        raise VersionError(report.code, report.message)


def _switch(before: ModelVersion | None, after: ModelVersion, note: Callable[[], None]) -> None:
    """Deactivate `before` and activate `after` at once, unless another version became active meanwhile."""
    try:
        with transaction.atomic():
            # Conditional: of two at once the second finds nothing to deactivate.
            active = ModelVersion.objects.filter(is_active=True)
            let_go = active.filter(pk=before.pk).update(is_active=False) if before else 0
            if before and not let_go:
                raise _active_changed(ModelVersion.objects.active())
            found = ModelVersion.objects.filter(pk=after.pk).update(is_active=True, activated_at=timezone.now())
            if not found:
                raise VersionError("version_gone", f"{after} was deleted meanwhile.")
            note()
    except IntegrityError as error:
        raise _active_changed(ModelVersion.objects.active()) from error


def _active_changed(active: ModelVersion | None) -> VersionError:
    message = f"Meanwhile another version became active: {active or 'none'} serves now. Look at it and decide again."
    return VersionError("active_changed", message)


def _serve_default(default: str, shipped: set[str]) -> None:
    """An update brings a new default to whoever never chose, and to whoever's choice it no longer ships."""
    active = ModelVersion.objects.active()
    target = ModelVersion.objects.filter(name=default).first()
    chosen = AuditEntry.objects.filter(action__in=[AuditEntry.PROMOTED, AuditEntry.ROLLED_BACK]).exists()
    still_there = active is not None and (not active.is_shipped or active.name in shipped)
    if target is None or target == active or (chosen and still_there):
        return
    try:
        _switch(active, target, lambda: None)
    except VersionError:
        # Another process' migrate was quicker.
        return
