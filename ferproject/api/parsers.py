"""Bodies as JSON, small ones."""

from __future__ import annotations

import io
from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError

from ferproject.api.exceptions import Refusal

MAX_BYTES = 1_000_000


class JSONParser(parsers.JSONParser):
    """The framework's, which reads any amount and fails on what is nested too deeply."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None):
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            message = f"Expected a JSON body of {MAX_BYTES:,} bytes at most; got more."
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error: nested too deeply.") from None
