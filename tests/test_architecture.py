"""The import rules of docs/architecture.md, read from the code with `ast`."""

from __future__ import annotations

import ast
from collections import defaultdict

import pytest

from tests.support.import_graph import PROJECT, cycles, imported_names, project_imports, project_modules

LAYERS = (
    {
        "apps",
        "startup",
        "urls",
        "api_urls",
        "admin",
        "tasks",
        "checks",
        "metrics",
        "worker_metrics",
        "models",
        "management",
        "migrations",
    },
    {"live", "live_client", "videos", "corrections", "dashboard", "sharing", "comparing", "albums", "bulk", "imports"},
    {"sessions", "photos"},
    {"consents", "history", "versions", "audit", "idempotency", "files", "engine", "deletions", "webhooks"},
    {
        "admin_pages",
        "date_range_form",
        "emotion_fields",
        "errors",
        "face_columns",
        "http",
        "pagination",
        "searched_names",
    },
    {"templatetags"},
    {"words"},
    {"recognition", "client"},
)
"""The folders and files of `analysis`, top to bottom; one imports from its own layer or from a lower one."""
APPS = ("accounts", "training", "analysis", "ferproject")
"""Top to bottom; `ferproject` names the other apps as strings only, but for `asgi` and `server`, which join them."""
JOINS_THE_APPS = {"ferproject.asgi"}
DJANGO = {"django", "rest_framework", "allauth", "celery", "channels", "daphne"}
FORBIDDEN = {
    "analysis/recognition": DJANGO | {"tensorflow", "keras", "training", "accounts", "ferproject"},
    "training/learning": DJANGO | {"accounts", "ferproject"},
    "analysis": {"tensorflow", "keras"},
}
TENSORFLOW_ALLOWED = {
    "training/learning/network/centerface.py",
    "training/learning/network/export.py",
    "training/learning/network/fused_batch_norm.py",
    "training/learning/network/sharpness.py",
}
FUNCTION_IMPORTS = {
    "accounts.apps": "models are not loaded before the apps are ready",
    "analysis.apps": "models are not loaded before the apps are ready",
    "training.apps": "models are not loaded before the apps are ready",
    "analysis.recognition.detectors.registry": "a detector's library is optional",
    "analysis.recognition.recognizer": "PyAV is optional",
    "training.management.commands.build_centerface": "Keras is loaded once the options are checked",
    "training.management.commands.describe_data": "Matplotlib is loaded for a chart only",
    "training.management.commands.export_version": "Keras is loaded once the options are checked",
    "training.management.commands.import_version": "Keras is loaded once the options are checked",
    "training.management.commands.train": "Keras is loaded once the options are checked",
    "training.pipeline": "Keras is loaded when a training begins",
    "training.runs.child": "Keras is loaded when a training begins",
    "training.transfers.child": "a host without Keras says so in the row",
}
"""Modules that import project modules inside functions, each with its reason."""
MAX_FUNCTION_IMPORTS = 22


def _layer(module: str) -> int | None:
    """Return the number of the layer that an `analysis` module belongs to, None for other modules."""
    package, _, rest = module.partition(".")
    if package != "analysis" or not rest:
        return None
    name = rest.partition(".")[0]
    return next(number for number, layer in enumerate(LAYERS) if name in layer)


def _folder(module: str) -> str:
    """Return a module's feature: the folder below its app, or the file itself where it stands in none."""
    return ".".join(module.split(".")[:2])


def test_no_files_import_each_other_in_a_circle():
    graph = defaultdict(set)
    for each in project_imports():
        graph[each.module].add(each.target)
    assert cycles(graph) == []


def test_no_features_import_each_other_in_a_circle():
    graph = defaultdict(set)
    for each in project_imports():
        graph[_folder(each.module)].add(_folder(each.target))
    assert cycles(graph) == []


def test_no_module_imports_from_a_higher_layer():
    wrong = [
        f"{each.module} imports {each.target}"
        for each in project_imports()
        if (lower := _layer(each.module)) is not None and (upper := _layer(each.target)) is not None and upper < lower
    ]
    assert wrong == []


def test_no_app_imports_from_a_higher_app():
    wrong = [
        f"{each.module} imports {each.target}"
        for each in project_imports()
        if APPS.index(each.target.partition(".")[0]) < APPS.index(each.module.partition(".")[0])
        and each.module not in JOINS_THE_APPS
    ]
    assert wrong == []


def test_project_imports_inside_functions_are_listed_with_a_reason():
    hidden = {(each.module, each.function, each.target) for each in project_imports() if each.function}
    assert {module for module, _, _ in hidden} == set(FUNCTION_IMPORTS)
    assert len(hidden) <= MAX_FUNCTION_IMPORTS


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_no_forbidden_library(package: str):
    wrong = [
        f"{path.relative_to(PROJECT)} imports {name}"
        for path in sorted((PROJECT / package).rglob("*.py"))
        for name, _ in imported_names(path)
        if name.split(".")[0] in FORBIDDEN[package]
    ]
    assert wrong == []


def test_learning_imports_nothing_of_analysis_but_recognition():
    for path in (PROJECT / "training/learning").rglob("*.py"):
        for name, _ in imported_names(path):
            assert not name.startswith("analysis") or name.startswith("analysis.recognition"), (path, name)


def test_only_exports_and_two_ways_to_train_import_tensorflow():
    importing = {
        path.relative_to(PROJECT).as_posix()
        for path in project_modules().values()
        if any(name.split(".")[0] == "tensorflow" for name, _ in imported_names(path))
    }
    assert importing <= TENSORFLOW_ALLOWED


def test_only_the_emotions_module_lists_the_seven_classes():
    words = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    for path in project_modules().values():
        if path.name == "emotions.py" or path.parent.name == "client":  # whose types are generated of the schema
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.List | ast.Tuple):
                values = [element.value for element in node.elts if isinstance(element, ast.Constant)]
                assert values != words, path
