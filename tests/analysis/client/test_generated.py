"""The client and the API's schema cannot drift apart."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from django.core.management import call_command
from openapi_spec_validator import validate

from analysis.client import Client
from ferproject import generate_client

ARGUMENTS = {"photo": b"photo", "photos": [b"photo"], "emotion": "happy", "x": 1, "y": 1, "width": 9, "height": 9}


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("schema") / "schema.yml"
    call_command("spectacular", file=str(path))
    return path


@pytest.mark.parametrize("file", generate_client.ASYNCHRONOUS)
def test_the_synchronous_client_is_that_of_the_asynchronous_one(file: str):
    written = (generate_client.CLIENT / file.removeprefix("a")).read_text()
    assert written == generate_client.synchronous(file), "run `make client`"


def test_types_are_those_of_the_schema(schema: Path):
    written = (generate_client.CLIENT / "types.py").read_text()
    assert written == generate_client.types(schema), "run `make client`"


def test_every_operation_has_a_method(schema: Path, tmp_path: Path):
    described = yaml.safe_load(schema.read_text())["paths"]
    operations = {
        (method.upper(), path) for path, item in described.items() for method in item if method != "parameters"
    }
    asked: set[tuple[str, str]] = set()

    def answer(request: httpx.Request) -> httpx.Response:
        asked.add((request.method, request.url.path))
        body = {"next": None, "results": [], "status": "failed", "state": "failed", "id": "1", "received": 0}
        if request.method == "PUT":
            body["received"] = video.stat().st_size
        return httpx.Response(200, json=body)

    video = tmp_path / "1"
    video.write_bytes(b"abc")
    client = Client("http://site.test", "fer_x", transport=httpx.MockTransport(answer))
    for name, method in inspect.getmembers(client, inspect.ismethod):
        if not name.startswith("_") and name not in ("close", "fetch", "rows", "save", "send"):
            _call(method, video)
    client = Client("http://site.test", "fer_x", transport=httpx.MockTransport(answer))
    client.save_history(tmp_path / "out", format="json")
    missing = [
        f"{method} {path}"
        for method, path in operations
        if not any(method == m and re.fullmatch(re.sub(r"\{\w+\}", r"[^/]+", path), p) for m, p in asked)
    ]
    assert missing == []


def _call(method: Any, video: Path) -> None:
    """Call a method with an argument for each parameter that has no default."""
    needed = [each for each in inspect.signature(method).parameters.values() if each.default is each.empty]
    values = {
        each.name: ARGUMENTS.get(each.name, str(video) if each.name == "path" else "1")
        for each in needed
        if each.kind not in (each.VAR_KEYWORD, each.VAR_POSITIONAL)
    }
    result = method(**values)
    if inspect.isgenerator(result):
        list(result)


def test_the_schema_is_valid_openapi(schema: Path):
    validate(yaml.safe_load(schema.read_text()))


@pytest.mark.slow
def test_a_client_made_by_openapi_python_client_imports_and_uploads(schema: Path, tmp_path: Path):
    made = subprocess.run(
        [
            sys.executable,
            "-m",
            "openapi_python_client",
            "generate",
            "--path",
            schema,
            "--output-path",
            tmp_path / "made",
        ],
        capture_output=True,
        text=True,
    )
    assert made.returncode == 0, made.stdout + made.stderr
    (package,) = (path.parent.name for path in (tmp_path / "made").glob("*/client.py"))
    program = f"""
import importlib, io, json, pathlib, pkgutil, sys
import {package}, {package}.models
from {package}.api.analyses import analyses_create
from {package}.models import PhotoUploadRequest
from {package}.types import File
names = [m.name for m in pkgutil.walk_packages({package}.__path__, "{package}.")]
for name in names:
    importlib.import_module(name)
sent = analyses_create._get_kwargs(body=PhotoUploadRequest(photo=File(payload=io.BytesIO(b"photo"), file_name="a.jpg")))
print(json.dumps([len(names), sent["method"], sent["url"], sorted(name for name, _ in sent["files"])]))
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path / "made", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    modules, method, url, files = json.loads(done.stdout)
    assert modules > 40
    assert (method, url, files) == ("post", "/api/v1/analyses/", ["photo"])
