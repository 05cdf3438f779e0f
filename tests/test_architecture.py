"""Imports point one way; DESIGN in short: accounts -> training -> analysis, and both pure packages stand alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
DJANGO = {"django", "rest_framework", "allauth", "celery", "channels", "daphne"}
FORBIDDEN = {
    "analysis/recognition": DJANGO | {"tensorflow", "keras", "training", "accounts", "ferproject"},
    "training/learning": DJANGO | {"accounts", "ferproject"},
    "analysis": {"tensorflow", "keras", "training", "accounts"},
    "training": {"accounts"},
}
TENSORFLOW_ALLOWED = {"training/learning/network/export.py", "training/learning/network/fused_batch_norm.py"}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: expected absolute imports"
            yield node.module or ""


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_nothing_that_stands_above_it(package: str):
    wrong = [
        f"{path.relative_to(PROJECT)} imports {name}"
        for path in sorted((PROJECT / package).rglob("*.py"))
        for name in _imports(path)
        if name.split(".")[0] in FORBIDDEN[package]
    ]
    assert wrong == []


def test_recognition_is_all_that_learning_knows_of_analysis():
    for path in (PROJECT / "training/learning").rglob("*.py"):
        for name in _imports(path):
            assert not name.startswith("analysis") or name.startswith("analysis.recognition"), (path, name)


def test_only_the_export_and_its_own_fused_operation_name_tensorflow():
    named = {
        path.relative_to(PROJECT).as_posix()
        for package in ("accounts", "analysis", "training", "ferproject")
        for path in (PROJECT / package).rglob("*.py")
        if any(name.split(".")[0] == "tensorflow" for name in _imports(path))
    }
    assert named <= TENSORFLOW_ALLOWED


def test_analysis_is_the_only_owner_of_the_class_order():
    """Nobody else lists the seven classes; their order travels from one place."""
    words = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    for package in ("accounts", "analysis", "training", "ferproject"):
        for path in (PROJECT / package).rglob("*.py"):
            if "migrations" in path.parts or path.name == "emotions.py":
                continue
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.List | ast.Tuple):
                    values = [element.value for element in node.elts if isinstance(element, ast.Constant)]
                    assert values != words, path
