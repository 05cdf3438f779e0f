"""The zip of an export as a response, for the admin and the API."""

from __future__ import annotations

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

from analysis.files.range_responses import stream_file
from training.models import VersionTransfer


def send_archive(request: HttpRequest, transfer: VersionTransfer) -> HttpResponseBase:
    """Send an export's zip, or the range of it that is asked for; raise `Http404` where it has none."""
    if not transfer.has_archive:
        raise Http404
    return stream_file(request, transfer.archive, "application/zip", name=f"{transfer.name}.zip", download=True)
