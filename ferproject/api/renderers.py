"""Renderers of files; errors are rendered as JSON."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.renderers import BaseRenderer
from rest_framework.utils.encoders import JSONEncoder


class _FileRenderer(BaseRenderer):
    """For views that return a Django response of their own, so that only errors are rendered."""

    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        renderer_context["response"]["Content-Type"] = "application/json"
        return json.dumps(data, cls=JSONEncoder).encode()


class JPEGRenderer(_FileRenderer):
    media_type, format = "image/jpeg", "jpg"


class PNGRenderer(_FileRenderer):
    media_type, format = "image/png", "png"


class CSVRenderer(_FileRenderer):
    media_type, format = "text/csv", "csv"


class MP4Renderer(_FileRenderer):
    media_type, format = "video/mp4", "mp4"


class WebMRenderer(_FileRenderer):
    media_type, format = "video/webm", "webm"


class ZipRenderer(_FileRenderer):
    media_type, format = "application/zip", "zip"
