"""What the API answers with besides JSON; an error is JSON all the same."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder


class _File(BaseRenderer):
    """For views that answer with a whole response of their own: only their errors are rendered here."""

    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        renderer_context["response"]["Content-Type"] = "application/json"
        return json.dumps(data, cls=JSONEncoder).encode()


class JPEGRenderer(_File):
    media_type = "image/jpeg"
    format = "jpg"


class PNGRenderer(_File):
    media_type = "image/png"
    format = "png"


class CSVRenderer(_File):
    media_type = "text/csv"
    format = "csv"


class WebMRenderer(_File):
    media_type = "video/webm"
    format = "webm"
