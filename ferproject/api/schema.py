"""OpenAPI schema: authentication schemes and the error responses common to all operations."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.conf import settings
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse
from rest_framework.utils.encoders import JSONEncoder

_ERROR = {
    "type": "object",
    "description": "Any error of the API.",
    "required": ["code", "message", "errors"],
    "properties": {
        "code": {"type": "string", "description": "A stable name that programs may test."},
        "message": {"type": "string", "description": "For people: what was expected and what came."},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
            "description": "Messages by field; empty unless fields are invalid.",
        },
        "retryable": {
            "type": "boolean",
            "description": "True where the same request may succeed after `Retry-After` seconds.",
        },
    },
}
_REFERENCE = {"$ref": "#/components/schemas/Error"}
_DESCRIPTIONS: dict[int, str] = {
    HTTPStatus.CONFLICT: "Not possible in the current state.",
    HTTPStatus.UNPROCESSABLE_ENTITY: "Incomplete, or contradicts an earlier request.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "Too large.",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "Unsupported media type.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Temporarily unavailable.",
    HTTPStatus.INSUFFICIENT_STORAGE: "The disk is full, or the user's quota is reached.",
}


def error_responses(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the `responses` of a view's own errors, which are JSON even where the view returns a file."""
    return {
        (int(status), "application/json"): OpenApiResponse(_REFERENCE, _DESCRIPTIONS.get(status, ""))
        for status in statuses
    }


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        description = "A token made at `/account/tokens/`, as `Token fer_...`."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": description}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        description = "The browser's session; writing requests need an `X-CSRFToken` header too."
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME, "description": description}


def add_errors(result: dict[str, Any], generator: object, **kwargs: object) -> dict[str, Any]:
    """Postprocessing hook: add the common error responses to each operation."""
    result.setdefault("components", {}).setdefault("schemas", {})["Error"] = _ERROR
    for operations in result["paths"].values():
        for method, operation in operations.items():
            for status, description in _common_errors(method, operation):
                content = {"application/json": {"schema": _REFERENCE}}
                response: dict[str, Any] = {"description": description, "content": content}
                if status == "429":
                    response["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds."}}
                operation["responses"].setdefault(status, response)
    # YAML's writer does not accept the enums that choices and defaults may be.
    plain: dict[str, Any] = json.loads(json.dumps(result, cls=JSONEncoder))
    return plain


def _common_errors(method: str, operation: dict[str, Any]) -> list[tuple[str, str]]:
    parameters = operation.get("parameters", [])
    errors = [("406", "No such format."), ("429", "Too many requests.")]
    if "requestBody" in operation:
        errors += [("413", "Too large."), ("415", "Unsupported media type.")]
    if "requestBody" in operation or any(parameter["in"] != "path" for parameter in parameters):
        errors.append(("400", "Invalid request."))
    if any(parameter["in"] == "path" for parameter in parameters):
        errors.append(("404", "Does not exist, or is not yours."))
    elif any(parameter["name"] == "cursor" for parameter in parameters):
        errors.append(("404", "Unknown cursor."))
    if {} not in operation.get("security", [{}]):
        errors.append(("401", "Not signed in."))
        if method not in ("get", "head"):
            errors.append(("403", "Permission denied, or the token may not write."))
    return errors
