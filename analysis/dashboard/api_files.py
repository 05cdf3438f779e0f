"""API of the history as files: charts as PNG, faces as CSV or JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.views import APIView

from analysis.albums.models import album_in_query
from analysis.corrections.models import CORRECTION_CHOICES
from analysis.dashboard.api import RangeSerializer, UnitField
from analysis.dashboard.charts import KINDS, make_chart
from analysis.dashboard.export import ExportFilter
from analysis.dashboard.file_responses import send_chart, send_export
from analysis.dashboard.forms import DashboardForm
from analysis.emotion_fields import EMOTION_CHOICES, PROBABILITIES_SCHEMA
from analysis.history.models import HistorySum
from analysis.history.time_buckets import FIRST_DAY, LAST_DAY, Interval, span_of_days
from ferproject.api.renderers import CSVRenderer, PNGRenderer
from ferproject.api.schema import error_responses
from ferproject.api.serializers import read_query


class ChartQuerySerializer(RangeSerializer):
    kind = serializers.ChoiceField(
        choices=list(KINDS), default="shares", required=False, help_text="Which of the dashboard's charts."
    )
    interval = serializers.ChoiceField(
        choices=[str(interval) for interval in Interval], required=False, help_text="Default: what suits the range."
    )
    against_from = serializers.DateField(
        required=False, help_text="`comparison` compares with the days from here; default: as many, just before."
    )
    against_to = serializers.DateField(required=False, help_text="The last day of those.")


class ExportQuerySerializer(serializers.Serializer[Any]):
    """Days of your own time zone (`time_zone` of `/me/`), both included; what is left out limits nothing."""

    to = serializers.DateField(required=False, help_text="The last day.")
    source = serializers.ChoiceField(
        choices=HistorySum.Source.choices, required=False, help_text="photo, live or video; default: all."
    )

    album = serializers.UUIDField(required=False, help_text="Only what is in this album or has this tag.")

    def get_fields(self) -> dict[str, serializers.Field]:
        return {"from": serializers.DateField(required=False, help_text="The first day."), **super().get_fields()}


@extend_schema_field(PROBABILITIES_SCHEMA)
class ProbabilitiesField(serializers.Field):
    pass


class ExportedFaceSerializer(serializers.Serializer[Any]):
    """A photo's face, or a session's in one second; `id` and `name` are the photo's or the session's."""

    source = serializers.ChoiceField(choices=HistorySum.Source.choices)
    time = serializers.DateTimeField()
    id = serializers.UUIDField()
    name = serializers.CharField()
    face = serializers.IntegerField()
    emotion = serializers.ChoiceField(choices=EMOTION_CHOICES)
    confidence = serializers.FloatField()
    probabilities = ProbabilitiesField()
    model = serializers.CharField()
    correction = serializers.ChoiceField(choices=CORRECTION_CHOICES, allow_null=True)
    corrected_emotion = serializers.ChoiceField(choices=EMOTION_CHOICES, allow_null=True)
    is_marked = serializers.BooleanField()
    unit = UnitField()
    taken = serializers.DateTimeField(allow_null=True)


class ExportedSerializer(serializers.Serializer[Any]):
    faces = ExportedFaceSerializer(many=True)


class ChartView(APIView):
    """One of the dashboard's charts as a picture."""

    renderer_classes = [PNGRenderer]

    @extend_schema(
        operation_id="history_chart",
        parameters=[ChartQuerySerializer],
        responses={(200, "image/png"): OpenApiTypes.BINARY, **error_responses(400, 404, 503)},
        tags=["history"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        params = read_query(ChartQuerySerializer, request)
        kind = params.pop("kind")
        owner = album_in_query(request.user, params.pop("album", None)) or request.user
        query = DashboardForm({name: str(value) for name, value in params.items()}).get_query(owner)
        return send_chart(request._request, make_chart(owner=owner, query=query, kind=kind), download=True)


class CsvExportView(APIView):
    """Every face of your history as a line; docs/export.md describes the columns."""

    renderer_classes = [CSVRenderer]

    @extend_schema(
        operation_id="history_export_csv",
        parameters=[ExportQuerySerializer],
        responses={(200, "text/csv"): OpenApiTypes.STR, **error_responses(400, 404)},
        tags=["history"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        return _send_export(request, "csv")


class JsonExportView(APIView):
    """Every face of your history; the response is streamed."""

    @extend_schema(
        operation_id="history_export_json",
        parameters=[ExportQuerySerializer],
        responses={200: ExportedSerializer, **error_responses(400, 404)},
        tags=["history"],
    )
    def get(self, request: Request) -> HttpResponseBase:
        return _send_export(request, "json")


def _send_export(request: Request, format: str) -> HttpResponseBase:
    """Stream the faces asked for; raise `HistoryError` for an invalid range of days."""
    query = read_query(ExportQuerySerializer, request)
    span = span_of_days(query.get("from", FIRST_DAY), query.get("to", LAST_DAY), request.user.zone)
    album = album_in_query(request.user, query.get("album"))
    sources = frozenset([query["source"]] if "source" in query else HistorySum.Source.values)
    return send_export(
        request._request, ExportFilter(request.user, span.start, span.end, sources, album and album.pk), format
    )
