"""JSON parser with a size limit."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import IO, Any

from django.utils.translation import gettext as _
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from ferproject.errors import ServiceError
from ferproject.numbers import number

MAX_BYTES = 1_000_000


class JSONParser(parsers.JSONParser):
    """DRF's parser, limited in size and in nesting."""

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None):
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            message = _("The JSON body is too large. It can have up to %(maximum)s bytes.") % {
                "maximum": number(MAX_BYTES)
            }
            raise ServiceError("too_large", message)
        try:
            return super().parse(io.BytesIO(body), media_type, parser_context)
        except ParseError as error:
            # The framework's own text has no translations.
            where = error.__context__
            if not isinstance(where, json.JSONDecodeError):
                raise ParseError(_("The body is not valid JSON.")) from None
            message = _("The body is not valid JSON: line %(line)s, column %(column)s.")
            raise ParseError(message % {"line": where.lineno, "column": where.colno}) from None
        except RecursionError:
            raise ParseError(_("The JSON body is nested too deeply.")) from None
