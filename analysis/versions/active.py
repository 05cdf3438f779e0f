"""The model version that this process serves: the active one, reloaded when another becomes active."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from django.db import DatabaseError, connections

from analysis.recognition.bundle import Bundle, read_bundle, shipped_default
from analysis.recognition.classifier import Classifier
from analysis.recognition.errors import RecognitionError, gettext_noop
from analysis.versions.lookup import Lookup, PinnedVersion, look_up_versions
from analysis.versions.serving_processes import report_process
from analysis.versions.store import remove_unregistered, version_folder

logger = logging.getLogger(__name__)

_REMEDY = gettext_noop(
    "Restore its files, with `git checkout -- models_store` if it is a shipped version, or make another version "
    "active: `manage.py rollback` or `manage.py promote VERSION`."
)


class ServingModel:
    """The verified version that serves, looked up every `refresh_seconds` on a thread of its own.

    Only the first call waits for the database. Without a database, or without an active version in it, the
    shipped default serves; with `refresh_seconds` 0 it always does. Another version is verified and loaded before
    it replaces the current one; where that fails, the error is logged and the current one goes on serving.
    """

    def __init__(
        self,
        *,
        store: Path,
        refresh_seconds: float,
        look_up: Callable[[], Lookup] = look_up_versions,
    ) -> None:
        self._store = store
        self._look_up = look_up
        self._refresh_seconds = refresh_seconds
        self._watcher: threading.Thread | None = None
        self._start_lock = threading.Lock()
        self._refresh_lock = threading.Lock()
        self._first_lookup = threading.Event()
        self._bundle: Bundle | None = None
        self._version: PinnedVersion | None = None
        text = gettext_noop("No version of the model could be loaded. See the server’s log.")
        self._failure = RecognitionError("model_missing", text)
        self._logged: dict[str, str] = {}
        self._is_lost = False

    def bundle(self) -> Bundle:
        """Return the version that serves; raise `RecognitionError` when its files are not as pinned."""
        if self._refresh_seconds:
            self._start()
            self._first_lookup.wait()
        elif self._bundle is None and not self._first_lookup.is_set():
            with self._refresh_lock:
                self._switch_to(None)
        if self._bundle is None:
            raise RecognitionError(**self._failure.to_dict())
        return self._bundle

    def refresh(self) -> Lookup | None:
        """Look up the versions now, on the caller's own database connection; return None where that failed."""
        with self._refresh_lock:
            try:
                found = self._look_up()
            except Exception as error:
                # Photos can be analysed without the database.
                found = None
                self._report_lookup(f"could not be looked up: {error}")
            else:
                self._report_lookup("")
            self._switch_to(found.active if found else self._version)
            self._first_lookup.set()
            return found

    def _start(self) -> None:
        with self._start_lock:
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="model-watcher", daemon=True)
                self._watcher.start()

    def _watch(self) -> None:
        pause = threading.Event()
        while True:
            try:
                if (found := self.refresh()) is not None:
                    report_process(self._store, found.announced)
                    remove_unregistered()
            except DatabaseError as error:
                # Away since the lookup; the next one says when it is back.
                self._report_lookup(f"could not be looked up: {error}")
            except Exception:
                # The next lookup may succeed; without this thread no promotion would ever reach this process.
                logger.exception("Following the active model version")
            finally:
                # An open connection would go on reading a database that was replaced by its backup.
                connections.close_all()
                self._first_lookup.set()
            pause.wait(self._refresh_seconds)

    def _switch_to(self, version: PinnedVersion | None) -> None:
        if self._bundle is not None and version == self._version:
            return
        try:
            if version is None:
                bundle = shipped_default(self._store)
            else:
                bundle = read_bundle(version_folder(self._store, version.name, version.pins), version.pins)
            # Each recognition thread loads it again at its next photo; fail here where it cannot be loaded.
            Classifier(bundle)
        except RecognitionError as error:
            self._failure = RecognitionError(**error.to_dict() | ({"hint": _REMEDY} if version else {}))
            self._log_once("files", f"The active model version cannot serve: {self._failure.message}")
            return
        if self._bundle is not None:
            logger.info("Model version %s serves now, after %s.", bundle.name, self._bundle.name)
        self._bundle, self._version = bundle, version
        self._log_once("files", "")

    def _report_lookup(self, problem: str) -> None:
        """Log the first of several problems, and their end; "" is none."""
        if bool(problem) != self._is_lost:
            logger.warning("Which model version is active %s", problem or "can be looked up again.")
        self._is_lost = bool(problem)

    def _log_once(self, kind: str, message: str) -> None:
        """Log an error once, not at every lookup; an empty message resets it."""
        if message and message != self._logged.get(kind):
            logger.error(message)
        self._logged[kind] = message
