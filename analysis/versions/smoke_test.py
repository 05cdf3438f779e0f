"""The smoke test of a model version: what `analysis.recognition.smoke_process` finds, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from analysis.recognition.emotions import EMOTIONS
from analysis.versions.models import ModelVersion

TIMEOUT = 60.0
"""Seconds; trying a version takes about one."""


@dataclass(frozen=True)
class GoldenAnswer:
    """What a version says about one golden face."""

    emotion: str
    confidence: float


@dataclass(frozen=True)
class SmokeReport:
    """Whether a version can serve; where it can't, `code` and `message` say why."""

    ok: bool
    code: str = ""
    message: str = ""
    golden: tuple[GoldenAnswer, ...] = ()
    milliseconds: float | None = None


def smoke_test(*, version: ModelVersion) -> SmokeReport:
    """Verify a version's files, load them and ask about the golden faces, as serving would; never raises."""
    return try_files(version.name, version.pins)


def try_files(name: str, pins: Mapping[str, str]) -> SmokeReport:
    """Do the same for a version that has no row yet."""
    question = json.dumps({"folder": str(settings.MODELS_STORE / name), "pins": dict(pins)})
    try:
        finished = subprocess.run(  # our own interpreter and module
            [sys.executable, "-m", "analysis.recognition.smoke_process"],
            cwd=settings.BASE_DIR,
            input=question,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return SmokeReport(False, "smoke_test_timeout", f"{name}: trying it took longer than {TIMEOUT:g} seconds.")
    if finished.returncode:
        return SmokeReport(False, "smoke_test_died", _how_it_died(name, finished))
    return _report(json.loads(finished.stdout))


def _how_it_died(name: str, finished: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in finished.stderr.splitlines() if line.strip()]
    how = f"signal {-finished.returncode}" if finished.returncode < 0 else f"exit status {finished.returncode}"
    return f"{name}: loading it ended the process that tried ({how}): {lines[-1] if lines else 'no message'}"


def _report(answer: dict[str, Any]) -> SmokeReport:
    if error := answer.get("error"):
        return SmokeReport(False, error["code"], error["message"])
    golden = tuple(_answer(row) for row in answer["golden"])
    return SmokeReport(True, golden=golden, milliseconds=answer["milliseconds"])


def _answer(row: list[float]) -> GoldenAnswer:
    best = max(range(len(row)), key=row.__getitem__)
    return GoldenAnswer(str(EMOTIONS[best]), row[best])
