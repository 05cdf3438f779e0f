"""JSON parser with a size limit."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import IO, Any

from rest_framework import parsers
from rest_framework.exceptions import ParseError

from ferproject.errors import ServiceError

MAX_BYTES = 1_000_000


class JSONParser(parsers.JSONParser):
    """DRF's parser, limited in size and in nesting."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None):
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise ServiceError("too_large", f"Expected a JSON body of {MAX_BYTES:,} bytes at most; got more.")
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except RecursionError:
            raise ParseError("JSON parse error: nested too deeply.") from None
