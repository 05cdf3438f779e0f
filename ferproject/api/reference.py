"""The API's schema as its page shows it: groups of operations, and tables of fields."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

Schema = dict[str, Any]
METHODS = ("get", "post", "put", "patch", "delete")
EXAMPLES: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}


@dataclass(frozen=True)
class Field:
    """A row of a table; `place` is where a parameter goes: "path", "query" or "header", else ""."""

    name: str
    kind: SafeString
    description: SafeString
    is_required: bool
    place: str = ""
    is_file: bool = False


@dataclass(frozen=True)
class Operation:
    id: str
    method: str
    path: str
    description: SafeString
    parameters: list[Field]
    body_type: str
    body: list[Field]
    example: str
    results: list[tuple[str, SafeString, SafeString]]
    errors: list[tuple[str, SafeString]]

    @property
    def summary(self) -> str:
        """The first sentence of the description, as plain text."""
        text = re.sub(r"<[^>]+>", "", self.description)
        return mark_safe(re.split(r"(?<=[.:])\s", text, maxsplit=1)[0])  # noqa: S308  # escaped before


@dataclass(frozen=True)
class Definition:
    name: str
    description: SafeString
    fields: list[Field]
    kind: SafeString


def read_reference(schema: Schema) -> dict[str, Any]:
    """Return the template variables `groups`, (name, operations) pairs, and `definitions`."""
    groups: defaultdict[str, list[Operation]] = defaultdict(list)
    for path, methods in schema["paths"].items():
        for method in METHODS:
            if found := methods.get(method):
                groups[found["tags"][0]].append(_operation(schema, path, method, found))
    definitions = [
        Definition(name, prose(each.get("description", "")), _fields(each), kind_of(each))
        for name, each in sorted(schema["components"]["schemas"].items())
    ]
    return {"groups": list(groups.items()), "definitions": definitions}


def kind_of(schema: Schema) -> SafeString:
    """Return a type in words, as "list of Face", with links to definitions."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return mark_safe("null") if name == "NullEnum" else format_html('<a href="#schema-{}">{}</a>', name, name)
    for key in ("allOf", "oneOf", "anyOf"):
        if key in schema:
            return format_html_join(" or ", "{}", ((kind_of(each),) for each in schema[key]))
    if "enum" in schema:
        return format_html_join(", ", "<code>{}</code>", ((json.dumps(each),) for each in schema["enum"]))
    kinds = schema.get("type", "any")
    if kinds == "array":
        return format_html("list of {}", kind_of(schema.get("items", {})))
    words = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    limits = [
        *([schema["format"]] if schema.get("format") not in (None, "double") else []),
        *(f"{word} {schema[key]}" for key, word in (("minimum", "from"), ("maximum", "to")) if key in schema),
        *([f"at most {schema['maxLength']} characters"] if "maxLength" in schema else []),
    ]
    return format_html("{} ({})", words, ", ".join(limits)) if limits else conditional_escape(words)


def prose(text: str) -> SafeString:
    """Return a description with its `names` as code."""
    return mark_safe(re.sub(r"`([^`]+)`", r"<code>\1</code>", conditional_escape(text.strip())))  # noqa: S308


def _operation(schema: Schema, path: str, method: str, found: Schema) -> Operation:
    content = found.get("requestBody", {}).get("content", {})
    body_type = next(iter(content), "")
    body = _resolved(schema, content[body_type]["schema"]) if body_type else {}
    results, errors = [], []
    for status, response in sorted(found["responses"].items()):
        answer = next(iter(response.get("content", {}).values()), {}).get("schema", {})
        if status < "400":
            results.append((status, prose(response["description"]), kind_of(answer) if answer else mark_safe("")))
        else:
            errors.append((status, prose(response["description"])))
    return Operation(
        id=found["operationId"],
        method=method.upper(),
        path=path,
        description=prose(found.get("description", "")),
        parameters=[_parameter(each) for each in found.get("parameters", [])],
        body_type=body_type,
        body=_fields(body),
        example=json.dumps(_example(schema, body), indent=2) if body_type == "application/json" else "",
        results=results,
        errors=errors,
    )


def _parameter(found: Schema) -> Field:
    description = prose(found.get("description", ""))
    return Field(found["name"], kind_of(found["schema"]), description, found.get("required", False), found["in"])


def _fields(schema: Schema) -> list[Field]:
    required = schema.get("required", [])
    return [
        Field(
            name,
            kind_of(each),
            prose(each.get("description", "")),
            name in required,
            is_file=each.get("format") == "binary" or each.get("items", {}).get("format") == "binary",
        )
        for name, each in schema.get("properties", {}).items()
    ]


def _resolved(schema: Schema, part: Schema) -> Schema:
    """Return a schema, or what it refers to."""
    if "$ref" in part:
        found: Schema = schema["components"]["schemas"][part["$ref"].rsplit("/", 1)[1]]
        return found
    return part


def _example(schema: Schema, body: Schema) -> Any:
    """Return a body with the required fields, or else with all of them."""
    found = body.get("properties", {})
    names = body.get("required") or list(found)
    return {name: _example_of(schema, found[name]) for name in names if name in found}


def _example_of(schema: Schema, part: Schema) -> Any:
    part = _resolved(schema, next((part[key][0] for key in ("allOf", "oneOf", "anyOf") if key in part), part))
    if "enum" in part:
        return part["enum"][0]
    kind = part.get("type", "string")
    return EXAMPLES.get(kind if isinstance(kind, str) else kind[0])
