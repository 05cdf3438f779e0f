"""The smoke test of a model version: runs `analysis.recognition.smoke_process` in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext

from analysis.recognition.emotions import EMOTIONS
from analysis.recognition.errors import RecognitionError
from analysis.versions.models import ModelVersion
from analysis.versions.store import version_folder
from ferproject import numbers
from ferproject.errors import translated_message

TIMEOUT = 60.0
"""Seconds; a test takes about one."""


@dataclass(frozen=True)
class GoldenPrediction:
    """A version's prediction for one golden face."""

    emotion: str
    confidence: float


@dataclass(frozen=True)
class SmokeReport:
    """Whether a version can serve; if not, `code` and `message` say why."""

    ok: bool
    code: str = ""
    message: str = ""
    golden: tuple[GoldenPrediction, ...] = ()
    milliseconds: float | None = None


def smoke_test(*, version: ModelVersion) -> SmokeReport:
    """Verify a version's files, load them and classify the golden faces; never raises."""
    name = version.name
    try:
        folder = version_folder(settings.MODELS_STORE, name, version.pins)
    except RecognitionError as error:
        return SmokeReport(False, error.code, translated_message(error))
    request = json.dumps({"folder": str(folder), "pins": version.pins})
    try:
        finished = subprocess.run(
            [sys.executable, "-m", "analysis.recognition.smoke_process"],
            cwd=settings.BASE_DIR,
            input=request,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        message = gettext("%(name)s: the test took longer than %(seconds)s seconds.")
        values = {"name": name, "seconds": numbers.number(TIMEOUT)}
        return SmokeReport(False, "smoke_test_timeout", message % values)
    if finished.returncode:
        return SmokeReport(False, "smoke_test_died", _describe_crash(name, finished))
    answer = json.loads(finished.stdout)
    if error := answer.get("error"):
        return SmokeReport(False, error["code"], translated_message(RecognitionError(**error)))
    return SmokeReport(True, golden=tuple(map(_prediction, answer["golden"])), milliseconds=answer["milliseconds"])


def _describe_crash(name: str, finished: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in finished.stderr.splitlines() if line.strip()]
    how = f"signal {-finished.returncode}" if finished.returncode < 0 else f"exit status {finished.returncode}"
    message = gettext("%(name)s: the test process crashed while loading it (%(how)s): %(message)s")
    return message % {"name": name, "how": how, "message": lines[-1] if lines else "–"}


def _prediction(probabilities: list[float]) -> GoldenPrediction:
    best = max(range(len(EMOTIONS)), key=probabilities.__getitem__)
    return GoldenPrediction(str(EMOTIONS[best]), probabilities[best])
