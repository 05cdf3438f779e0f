"""Which model version this process serves: the one that is active in the database, followed without a restart."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import connections

from analysis.recognition.bundle import Bundle, read_bundle, shipped_default
from analysis.recognition.classifier import Classifier
from analysis.recognition.errors import RecognitionError
from analysis.versions.models import ModelVersion

logger = logging.getLogger(__name__)

_OR_ANOTHER = "Or let another version serve: `manage.py rollback` or `manage.py promote VERSION`."


@dataclass(frozen=True)
class Choice:
    """The version that somebody chose to serve, and the SHA-256 its files must have."""

    name: str
    pins: Mapping[str, str]


def read_choice() -> Choice | None:
    """Return the active version; None where there is none."""
    version = ModelVersion.objects.active()
    return Choice(version.name, version.pins) if version else None


class ServingModel:
    """The verified version that serves, looked up again every `every` seconds on a thread of its own.

    Nobody who asks for it waits for the database, but at the start. Without a database, or without a choice in
    it, the shipped default serves; `every` 0 stays with that. A new choice is verified and loaded before it
    takes the older one's place: one that fails is logged, and the older goes on serving.
    """

    def __init__(self, *, store: Path, read_choice: Callable[[], Choice | None] = read_choice, every: float) -> None:
        self._store = store
        self._read_choice = read_choice
        self._every = every
        self._watcher: threading.Thread | None = None
        self._starting = threading.Lock()
        self._refreshing = threading.Lock()
        self._looked = threading.Event()
        self._bundle: Bundle | None = None
        self._choice: Choice | None = None
        self._failure = RecognitionError(
            "model_missing", "No model version could be loaded; the server's log says why."
        )
        self._told: dict[str, str] = {}

    def bundle(self) -> Bundle:
        """Return the version that serves; raise `RecognitionError` when its files are not as pinned."""
        if self._every:
            self._start()
            self._looked.wait()
        elif self._bundle is None and not self._looked.is_set():
            with self._refreshing:
                self._follow(None)
        if self._bundle is None:
            raise RecognitionError(self._failure.code, self._failure.message)
        return self._bundle

    def refresh(self) -> None:
        """Look now which version is active, on the caller's own connection."""
        with self._refreshing:
            try:
                choice = self._read_choice()
            except Exception as error:
                # Whatever is wrong with the database, photos are analysed on.
                self._tell("lookup", f"Which model version is active could not be looked up: {error}")
                choice = self._choice
            else:
                self._tell("lookup", "")
            self._follow(choice)
            self._looked.set()

    def _start(self) -> None:
        with self._starting:
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="model-watcher", daemon=True)
                self._watcher.start()

    def _watch(self) -> None:
        pause = threading.Event()
        while True:
            try:
                self.refresh()
            except Exception:
                # The next look may fare better; without this thread no promotion would ever arrive.
                logger.exception("Following the active model version")
            finally:
                # A connection kept open would go on reading a database that was replaced by its backup.
                connections.close_all()
                self._looked.set()
            pause.wait(self._every)

    def _follow(self, choice: Choice | None) -> None:
        if self._bundle is not None and choice == self._choice:
            return
        try:
            bundle = self._load(choice)
        except RecognitionError as error:
            remedy = f" {_OR_ANOTHER}" if choice else ""
            self._failure = RecognitionError(error.code, f"{error.message}{remedy}")
            self._tell("files", f"The active model version cannot serve: {self._failure.message}")
            return
        if self._bundle is not None:
            logger.info("Model version %s serves now, after %s.", bundle.name, self._bundle.name)
        self._bundle, self._choice = bundle, choice
        self._tell("files", "")

    def _tell(self, kind: str, message: str) -> None:
        """Log what is wrong once, not at every look; an empty message says that it is mended."""
        if message and message != self._told.get(kind):
            logger.error(message)
        self._told[kind] = message

    def _load(self, choice: Choice | None) -> Bundle:
        bundle = shipped_default(self._store) if choice is None else read_bundle(self._store / choice.name, choice.pins)
        # Each recognition thread loads it for itself, at its next photo; one that cannot be loaded must not get there.
        Classifier(bundle)
        return bundle
