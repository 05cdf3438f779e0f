"""Whatever text is sent, the API takes it where its description does, and refuses it where that does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jsonschema_rs  # its patterns are ECMA 262's, as a description's are
import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.support import access_objects

TEXTS = ["\x1f", " ", "", "\x00", "\x01", "\u202a", " x ", "x\x00", "x\n", "\u0958" * 120, "x" * 100 + " "]
BESIDES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "StartRunRequest": lambda owner: {"architecture": "mlp"},
    "NewVideoRequest": lambda owner: {"bytes": 1},
    "LinkCreateRequest": lambda owner: {"photo": str(access_objects.photo(owner).pk)},
}
"""What else a body of that kind must hold."""
MAKERS: dict[str, Callable[[Any], Any]] = {
    "albums": lambda owner: access_objects.album(owner).pk,
    "tags": lambda owner: access_objects.tag(owner).pk,
    "sessions": lambda owner: access_objects.session(owner).pk,
    "versions": lambda owner: access_objects.version(owner).name,
}


@cache
def _schema() -> dict[str, Any]:
    return SchemaGenerator().get_schema(public=True)


def _is_text(schema: dict[str, Any]) -> bool:
    """Whether any text may do: one of a known format, or of a few values, is judged by other rules."""
    kinds = [schema, *schema.get("oneOf", [])]
    return any("string" in kind.get("type", "") for kind in kinds) and not {"format", "enum"} & set().union(*kinds)


def _texts() -> Iterator[Any]:
    """Yield (method, path, where, name, schema, what else is sent) of every text that a request may hold."""
    for path, operations in _schema()["paths"].items():
        for method, operation in operations.items():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "query" and _is_text(parameter["schema"]):
                    yield pytest.param(method, path, "query", parameter["name"], parameter["schema"], None)
            content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            reference = content.get("schema", {}).get("$ref", "").rsplit("/", 1)[-1]
            body = _schema()["components"]["schemas"].get(reference, {})
            for name, schema in body.get("properties", {}).items():
                if _is_text(schema):
                    yield pytest.param(method, path, "body", name, schema, BESIDES.get(reference))


def _address(path: str, owner: Any) -> str:
    kind = path.split("/")[3]
    return path.format_map(dict.fromkeys(("id", "name"), MAKERS[kind](owner))) if "{" in path else path


@pytest.fixture
def program(administrator, monkeypatch) -> APIClient:
    monkeypatch.setattr("ferproject.queue.leases.send", lambda task, *arguments: None)
    client = APIClient()
    client.force_authenticate(administrator)
    return client


@pytest.mark.parametrize(("method", "path", "where", "name", "schema", "besides"), list(_texts()))
def test_a_text_is_accepted_or_rejected_as_described(
    program, administrator, method, path, where, name, schema, besides
):
    address = _address(path, administrator)
    for text in TEXTS:
        sent = {**(besides(administrator) if besides else {}), name: text}
        answer = program.get(address, sent) if where == "query" else getattr(program, method)(address, sent, "json")
        assert answer.status_code != 404 or name == "cursor"
        described = jsonschema_rs.Draft202012Validator(schema).is_valid(text)
        assert (answer.status_code != 400) == described, (text, schema, answer.json())


def test_every_text_of_the_description_is_asked():
    names = {parameter.values[3] for parameter in _texts()}
    assert {"search", "model", "name", "notes", "reason", "instead_of"} <= names


def test_what_is_around_a_text_is_cut_off(program, administrator):
    address = _address("/api/v1/sessions/{id}/", administrator)
    answer = program.patch(address, {"name": "\x1f Talk\u2003", "notes": " \n Rain.\n"}, "json").json()
    assert (answer["name"], answer["notes"]) == ("Talk", "Rain.")


def test_an_endless_text_is_judged_at_once(program, administrator):
    address = _address("/api/v1/sessions/{id}/", administrator)
    for text in ("x" * 900_000 + "\x00", " " * 900_000):
        assert program.patch(address, {"name": text}, "json").status_code == 400
