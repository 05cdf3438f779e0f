"""`/healthz` and `/readyz`: answered before Django, so that they need no set-up, sign-in, host name or HTTPS."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from django.conf import settings
from django.db import connection, connections
from django.utils.module_loading import import_string

from ferproject.errors import RETRY_AFTER_SECONDS
from ferproject.file_storage import site_bucket
from ferproject.server.origins import Application, Scope
from ferproject.server.refusals import SECURITY_HEADERS
from ferproject.storage_errors import require_writable

PATHS = {"/healthz", "/readyz"}
CHECK_SECONDS = 2.0
"""A part that does not answer for this long is away."""
RESULT_SECONDS = 1.0
"""How long a result is answered again: anybody may ask, as often as they like."""
logger = logging.getLogger(__name__)


class Part:
    """Something that the site needs, and whether it is there; used on the event loop.

    `check` runs on a thread, once at a time, and raises an exception where the part is away.
    """

    def __init__(self, name: str, check: Callable[[], object]) -> None:
        self.name = name
        self._check = check
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"readiness-{name}")
        self._running: asyncio.Future[object] | None = None
        self._checked_at = float("-inf")
        self._problem = ""

    async def is_there(self) -> bool:
        """Return the result of a check that began at most `RESULT_SECONDS` ago; wait for it for `CHECK_SECONDS`."""
        if self._running is None and time.monotonic() - self._checked_at >= RESULT_SECONDS:
            self._checked_at = time.monotonic()
            self._running = asyncio.get_running_loop().run_in_executor(self._thread, self._check)
            self._running.add_done_callback(self._note)
        if self._running is not None:
            await asyncio.wait([self._running], timeout=CHECK_SECONDS)
        if self._running is not None:
            self._note_problem(f"no answer within {CHECK_SECONDS:g} seconds")
        return not self._problem

    def _note(self, checked: asyncio.Future[object]) -> None:
        self._running = None
        error = checked.exception()
        self._note_problem("" if error is None else f"{type(error).__name__}: {error}")

    def _note_problem(self, problem: str) -> None:
        if problem and not self._problem:
            logger.warning("Not ready, the %s is away: %s", self.name, problem)
        elif self._problem and not problem:
            logger.warning("The %s is there again", self.name)
        self._problem = problem


class HealthChecks:
    """Answers requests for `PATHS`, and hands every other one to `application`.

    `/readyz?exclude=broker` leaves a part out, as in Kubernetes: for load balancers, where pages go on without it.
    """

    def __init__(self, application: Application, parts: Mapping[str, Callable[[], object]]) -> None:
        self._application = application
        self._parts = [Part(name, check) for name, check in parts.items()]

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        if not is_health_check(scope):
            await self._application(scope, receive, send)
        elif scope["path"] == "/healthz":
            await _answer(send, HTTPStatus.OK, {"alive": True})
        else:
            await self._answer_ready(send, parse_qs(scope["query_string"].decode("latin1")).get("exclude", []))

    async def _answer_ready(self, send: Any, excluded: Collection[str]) -> None:
        asked = [part for part in self._parts if part.name not in excluded]
        found = await asyncio.gather(*(part.is_there() for part in asked))
        parts = {part.name: "ok" if is_there else "away" for part, is_there in zip(asked, found, strict=True)}
        away = [name for name, state in parts.items() if state == "away"]
        if not away:
            await _answer(send, HTTPStatus.OK, {"ready": True, "parts": parts})
            return
        error = {"code": "not_ready", "message": f"Away: {', '.join(away)}.", "errors": {}, "retryable": True}
        await _answer(send, HTTPStatus.SERVICE_UNAVAILABLE, {**error, "parts": parts})


def is_health_check(scope: Scope) -> bool:
    return scope["path"] in PATHS and scope["method"] in ("GET", "HEAD")


def load_checks() -> dict[str, Callable[[], object]]:
    """Return the functions of `settings.READINESS_CHECKS` by the name of their part."""
    return {name: import_string(path) for name, path in settings.READINESS_CHECKS.items()}


def check_database() -> None:
    """Raise where the database answers no query."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        # An open connection would go on reading a database file that was moved or replaced.
        connections.close_all()


def check_files() -> None:
    """Raise where photos could not be read or written; a full disk is no reason."""
    if (bucket := site_bucket()) is not None:
        bucket.check()
    else:
        require_writable(Path(settings.MEDIA_ROOT))


async def _answer(send: Any, status: HTTPStatus, content: Mapping[str, object]) -> None:
    body = json.dumps(content).encode()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **SECURITY_HEADERS}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": status.value, "headers": encoded})
    await send({"type": "http.response.body", "body": body})
