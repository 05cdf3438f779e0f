"""Registering, promoting, rolling back and deleting model versions."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.conf import settings
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Model
from django.dispatch import Signal
from django.utils import timezone, translation
from django.utils.translation import gettext

from analysis.audit.models import AuditEntry
from analysis.audit.services import record_audit
from analysis.errors import VersionError
from analysis.recognition.bundle import FILES, Bundle, check_name, file_sha256, local_bundle, read_bundle, read_shipped
from analysis.recognition.errors import RecognitionError
from analysis.versions.comparison import compare
from analysis.versions.models import ModelVersion
from analysis.versions.serving_processes import await_processes
from analysis.versions.smoke_test import smoke_test
from analysis.versions.store import publish_local, publish_version, remove_version, version_folder
from analysis.webhooks.models import Event
from analysis.webhooks.services import record_event
from ferproject.errors import translated_message

logger = logging.getLogger(__name__)
version_activated = Signal()
"""Sent after another version became active."""


def register_version(*, name: str, pins: Mapping[str, str], origin: str, card: Mapping[str, Any]) -> ModelVersion:
    """Add an inactive version with its files' SHA-256; return the existing row where the same was registered before.

    Raises `VersionError` of code "bad_version_name", "bad_pins", "bad_card" or "version_exists".
    """
    try:
        check_name(name)
    except RecognitionError as error:
        raise VersionError(error.code, translated_message(error)) from error
    if set(pins) != set(FILES):
        message = gettext("%(name)s: expected the SHA-256 of each of %(expected)s; got %(found)s.")
        values = {"name": name, "expected": ", ".join(FILES), "found": ", ".join(pins) or "–"}
        raise VersionError("bad_pins", message % values)
    try:
        json.dumps(card, allow_nan=False)
    except (TypeError, ValueError) as error:
        message = gettext("%(name)s: expected a card of finite JSON values (%(error)s).")
        raise VersionError("bad_card", message % {"name": name, "error": error}) from error
    values = {"pins": dict(pins), "origin": origin, "card": dict(card)}
    version, is_new = ModelVersion.objects.get_or_create(name=name, defaults=values)
    if not is_new and version.pins != values["pins"]:
        message = gettext("A version called “%(name)s” already exists, with other files. Choose another name.")
        raise VersionError("version_exists", message % {"name": name})
    return version


def register_local(*, name: str) -> ModelVersion:
    """Register a version that was trained from the shell without a database.

    Only for callers with a shell, who are trusted with the folder as it is now. Raises `RecognitionError`, or what
    `register_version` raises.
    """
    bundle = local_bundle(settings.MODELS_STORE, name)
    pins = {file: file_sha256(bundle.folder / file) for file in FILES}
    publish_version(bundle.folder, pins)
    return register_version(name=name, pins=pins, origin=ModelVersion.Origin.TRAINED, card=bundle.card)


def register_shipped() -> None:
    """Register the versions in `shipped.json`, and activate their default unless another version was ever promoted.

    With a bucket, trained versions of this host are copied there.

    A version whose files are not as pinned is skipped with a warning, so that `migrate` goes on; `check` reports it.
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
    _activate_default(shipped.default, set(shipped.versions))
    publish_local()


def find_bundle(*, name: str) -> Bundle:
    """Return a version by name for commands: verified against the database, or where it has none, as `local_bundle`.

    Raises `RecognitionError`.
    """
    try:
        version = ModelVersion.objects.filter(name=name).first()
    except DatabaseError:
        version = None
    if version is None:
        return local_bundle(settings.MODELS_STORE, name)
    return _read(version)


def active_bundles() -> list[Bundle]:
    """Return the verified active version, to evaluate another beside it; an empty list where none is intact."""
    active = ModelVersion.objects.active()
    try:
        return [_read(active)] if active else []
    except RecognitionError as error:
        logger.warning("Nothing is evaluated beside the active model version: %s", error.message)
        return []


def promote_version(
    *, version: ModelVersion, actor: Model | None, reason: str = "", instead_of: str | None = None, via: str = "site"
) -> None:
    """Activate `version`, after a smoke test and a comparison with the active one.

    `instead_of` names the active version that the actor saw, None the current one. Raises `VersionError` and changes
    nothing: the smoke test's own codes, "already_active", "reason_needed", "files_not_everywhere" where with a
    bucket a live process could not fetch its files, or "active_changed" where another was activated meanwhile.
    """
    before = _active_version(instead_of)
    if before == version:
        raise VersionError("already_active", gettext("%(name)s is already active.") % {"name": version})
    _check_smoke_test(version)
    comparison = compare(version, before)
    if comparison.needs_reason and not reason.strip():
        message = gettext("%(explanation)s To promote it anyway, enter a reason.")
        raise VersionError("reason_needed", message % {"explanation": comparison.explanation})
    await_processes(version)
    with translation.override("en"):
        needed_reason = comparison.explanation
    details = {"from": before.name if before else None, "needed_reason": needed_reason, "via": via}
    with transaction.atomic():
        _switch(before, version, previous=before)
        action = AuditEntry.PROMOTED
        record_audit(actor=actor, action=action, subject=version.name, reason=reason.strip(), details=details)
        _record_promotion(version, before, is_roll_back=False)
    version_activated.send_robust(ModelVersion)


def roll_back(
    *, actor: Model | None, reason: str = "", instead_of: str | None = None, via: str = "site"
) -> ModelVersion:
    """Activate the version that the active one replaced, and return it.

    Raises `VersionError` and changes nothing: "nothing_to_roll_back", the smoke test's own codes,
    "files_not_everywhere" or "active_changed".
    """
    before = _active_version(instead_of)
    target = before.previous if before else None
    if before is None or target is None:
        raise VersionError("nothing_to_roll_back", _nothing_to_roll_back(before))
    _check_smoke_test(target)
    await_processes(target)
    details = {"from": before.name, "via": via}
    with transaction.atomic():
        _switch(before, target)
        action = AuditEntry.ROLLED_BACK
        record_audit(actor=actor, action=action, subject=target.name, reason=reason.strip(), details=details)
        _record_promotion(target, before, is_roll_back=True)
    version_activated.send_robust(ModelVersion)
    return target


def _nothing_to_roll_back(active: ModelVersion | None) -> str:
    if active is None:
        return gettext("There is no version to roll back to: no version is active.")
    message = gettext("There is no version to roll back to: %(name)s did not replace another version.")
    return message % {"name": active}


def delete_version(*, version: ModelVersion, actor: Model | None) -> None:
    """Delete a trained version and its files; its results keep its name.

    Raises `VersionError` of code "version_active" or "version_shipped".
    """
    with transaction.atomic():
        row = ModelVersion.objects.select_for_update().get(pk=version.pk)
        if row.is_active:
            raise VersionError(
                "version_active", gettext("%(name)s is active. Promote another version first.") % {"name": row}
            )
        if row.is_shipped:
            message = gettext("%(name)s came with the program and cannot be deleted.")
            raise VersionError("version_shipped", message % {"name": row})
        # Versions that replaced it roll back to the one that it replaced.
        ModelVersion.objects.filter(previous=row).exclude(pk=row.previous_id).update(previous=row.previous)
        record_audit(actor=actor, action=AuditEntry.VERSION_DELETED, subject=row.name, details={"pins": row.pins})
        row.delete()
        transaction.on_commit(partial(remove_version, row.name))


def _read(version: ModelVersion) -> Bundle:
    return read_bundle(version_folder(settings.MODELS_STORE, version.name, version.pins), version.pins)


def _active_version(instead_of: str | None) -> ModelVersion | None:
    """Return the active version; raise "active_changed" unless it is `instead_of`, where that is given."""
    active = ModelVersion.objects.active()
    if instead_of is not None and instead_of != (active.name if active else ""):
        raise _active_changed(active)
    return active


def _check_smoke_test(version: ModelVersion) -> None:
    report = smoke_test(version=version)
    if not report.ok:
        raise VersionError(report.code, report.message)


def _switch(before: ModelVersion | None, after: ModelVersion, **changes: Any) -> None:
    """Deactivate `before` and activate `after` with `changes`, unless another version became active meanwhile."""
    # A site's first version has no earlier results.
    changes |= {"is_active": True, "activated_at": timezone.now(), "has_results_to_restore": before is not None}
    try:
        with transaction.atomic():
            # Conditional: the second of two at once finds nothing to deactivate.
            active = ModelVersion.objects.filter(is_active=True)
            if before and not active.filter(pk=before.pk).update(is_active=False):
                raise _active_changed(ModelVersion.objects.active())
            if not ModelVersion.objects.filter(pk=after.pk).update(**changes):
                raise VersionError("version_gone", gettext("%(name)s has been deleted.") % {"name": after})
    except IntegrityError as error:
        raise _active_changed(ModelVersion.objects.active()) from error


def _record_promotion(version: ModelVersion, before: ModelVersion | None, *, is_roll_back: bool) -> None:
    data = {"version": version.name, "previous": before.name if before else None, "is_roll_back": is_roll_back}
    record_event(event=Event.VERSION_PROMOTED, data=data, is_public=True)


def _active_changed(active: ModelVersion | None) -> VersionError:
    if active is None:
        return VersionError("active_changed", gettext("No version is active any more. Check and decide again."))
    message = gettext("Another version has become active: %(name)s. Check it and decide again.")
    return VersionError("active_changed", message % {"name": active})


def _activate_default(default: str, shipped: set[str]) -> None:
    """Activate the shipped default where none was ever promoted, or where the active one is no longer shipped."""
    active = ModelVersion.objects.active()
    target = ModelVersion.objects.filter(name=default).first()
    was_chosen = AuditEntry.objects.filter(action__in=[AuditEntry.PROMOTED, AuditEntry.ROLLED_BACK]).exists()
    still_exists = active is not None and (not active.is_shipped or active.name in shipped)
    if target is None or target == active or (was_chosen and still_exists):
        return
    try:
        _switch(active, target)
    except VersionError:
        return  # another process' migrate did it
