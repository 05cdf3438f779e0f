"""The API's description: its ways to sign in, and the errors that every operation may answer with."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse
from rest_framework.utils.encoders import JSONEncoder

_ERROR = {
    "type": "object",
    "description": "Every refusal, whatever refused.",
    "required": ["code", "message", "errors"],
    "properties": {
        "code": {"type": "string", "description": "A stable name that programs may test."},
        "message": {"type": "string", "description": "For people: what was expected and what came."},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "What is wrong with which field; empty unless fields are to blame.",
        },
        "retryable": {
            "type": "boolean",
            "description": "True where the same request may be granted after `Retry-After` seconds.",
        },
    },
}
_REFERENCE = {"$ref": "#/components/schemas/Error"}


def refusals(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """Return what a view adds to its documented responses for the refusals that only it knows: JSON, even of a file."""
    return {
        (int(status), "application/json"): OpenApiResponse(_REFERENCE, _PHRASES.get(status, "")) for status in statuses
    }


_PHRASES: dict[int, str] = {
    HTTPStatus.CONFLICT: "Not in the state for this.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Understood, but something is missing or contradicts an earlier request.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Of another type than expected.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not possible just now.",
    HTTPStatus.INSUFFICIENT_STORAGE: "No room: the disk, or what one person may keep.",
}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        about = "A token made at `/account/tokens/`, as `Token fer_...`."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": about}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        about = "The site's own session; requests that change something bring `X-CSRFToken` too."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": about}


def add_errors(result: dict[str, Any], generator: object, **kwargs: object) -> dict[str, Any]:
    """Say of each operation what the framework around it answers; called once the schema is made."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status, description in _around(path, method, operation):
                content = {"application/json": {"schema": _REFERENCE}}
                answer: dict[str, Any] = {"description": description, "content": content}
                if status == "429":
                    answer["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
                operation["responses"].setdefault(status, answer)
    # Plain values only: YAML's writer does not know the enumerations that choices and defaults may be of.
    plain: dict[str, Any] = json.loads(json.dumps(result, cls=JSONEncoder))
    return plain


def _around(path: str, method: str, operation: dict[str, Any]) -> list[tuple[str, str]]:
    parameters = operation.get("parameters", [])
    found = [("406", "No such format."), ("429", "Too many requests.")]
    if "requestBody" in operation:
        found += [("413", "Too large."), ("415", "Of another type than expected.")]
    if "requestBody" in operation or any(parameter["in"] != "path" for parameter in parameters):
        found.append(("400", "Not understood."))
    if any(parameter["in"] == "path" for parameter in parameters):
        found.append(("404", "Not there, or not yours."))
    elif any(parameter["name"] == "cursor" for parameter in parameters):
        found.append(("404", "No page begins there."))
    if {} not in operation.get("security", [{}]):
        found.append(("401", "Not signed in."))
        if method not in ("get", "head"):
            found.append(("403", "Not allowed to you, or not with this token."))
    return found
