"""A models store of the test's own, and versions in it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site

from analysis.audit.models import AuditEntry
from analysis.recognition.errors import RecognitionError
from analysis.recognition.smoke_process import try_version
from analysis.versions import services as versions
from analysis.versions.models import ModelVersion
from analysis.versions.services import register_shipped, register_version
from analysis.versions.smoke_test import SmokeReport
from analysis.versions.store import publish_version
from tests.support.model_store import Store, make_store

REAL_STORE = site.MODELS_STORE


@pytest.fixture
def store(settings: Any, tmp_path: Path) -> Store:
    """A store with the shipped default "first-1"."""
    settings.MODELS_STORE = tmp_path / "store"
    return make_store(settings.MODELS_STORE, REAL_STORE)


@pytest.fixture
def register_anew(store: Store) -> Callable[[], ModelVersion]:
    """Forget what migrating registered of the real store, register the test's own, and return it."""

    def register() -> ModelVersion:
        ModelVersion.objects.all().delete()
        AuditEntry.objects.all().delete()
        register_shipped()
        return ModelVersion.objects.get(name="first-1")

    return register


@pytest.fixture
def first(register_anew: Callable[[], ModelVersion], db: None) -> ModelVersion:
    """The shipped version, which serves."""
    return register_anew()


@pytest.fixture
def make_version(store: Store, db: None) -> Callable[..., ModelVersion]:
    """Write a version and register it as trained."""

    def make(name: str = "trial-1", **changes: Any) -> ModelVersion:
        pins = store.write(name, **changes)
        return register_version(name=name, pins=pins, origin="trained", card=store.card(name))

    return make


@pytest.fixture
def second(first: ModelVersion, make_version: Callable[..., ModelVersion]) -> ModelVersion:
    """A trained version as good as the first, which does not serve."""
    return make_version("second-1")


@pytest.fixture
def serving() -> Callable[[], list[str]]:
    """The names of the versions that are active."""
    return lambda: list(ModelVersion.objects.filter(is_active=True).values_list("name", flat=True))


@pytest.fixture
def smoke_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same smoke test without a process for each; `test_commands` and `test_smoke_test` start them."""

    def smoke_test(*, version: ModelVersion) -> SmokeReport:
        try:
            try_version(site.MODELS_STORE / version.name, version.pins)
        except RecognitionError as error:
            return SmokeReport(False, error.code, error.message)
        return SmokeReport(True)

    monkeypatch.setattr(versions, "smoke_test", smoke_test)


@pytest.fixture
def elsewhere(
    bucket: Any, first: ModelVersion, store: Store, make_version: Callable[..., ModelVersion]
) -> ModelVersion:
    """A version that another host trained: in the bucket, and not in this host's store."""
    version = make_version("trial-1")
    publish_version(store.folder / "trial-1", version.pins)
    shutil.rmtree(store.folder / "trial-1")
    return version
