"""API of the history as numbers."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis.albums.models import album_in_query
from analysis.date_range_form import ADDED, DATES_CHOICES, TAKEN
from analysis.emotion_fields import ANSWERED, CORRECTED, EMOTION_CHOICES, FACES_CHOICES
from analysis.history.models import HistorySum
from analysis.history.series import (
    MIN_FACES_FOR_SHARES,
    Bucket,
    EmotionTotals,
    first_and_last_face,
    history_series,
    totals_by_source,
)
from analysis.history.time_buckets import FIRST_DAY, Interval, Span, span_of_days
from analysis.recognition.emotions import EMOTIONS, by_emotion
from ferproject.api.schema import error_responses
from ferproject.api.serializers import read_query

DAYS = 30
"""Without `from`, so many days up to `to`; without `to`, up to today."""


class RangeSerializer(serializers.Serializer[Any]):
    """Days of your own time zone (`time_zone` of `/me/`), both included."""

    to = serializers.DateField(required=False, help_text="The last day; default: today.")
    source = serializers.ChoiceField(
        choices=HistorySum.Source.choices,
        default=HistorySum.Source.PHOTO,
        required=False,
        help_text="photo, live or video; default: photo. They are never added up, because they count different things.",
    )

    album = serializers.UUIDField(required=False, help_text="Only what is in this album or has this tag.")
    faces = serializers.ChoiceField(
        choices=FACES_CHOICES,
        default=CORRECTED,
        required=False,
        help_text="corrected: `counts` have each face as you corrected it; answered: as the version answered.",
    )

    dates = serializers.ChoiceField(
        choices=DATES_CHOICES,
        default=ADDED,
        required=False,
        help_text="added: photos count when they were added; taken: when they were taken, where that is known.",
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        # `from` is a keyword.
        first = serializers.DateField(required=False, help_text=f"The first day; default: {DAYS} days before `to`.")
        return {"from": first, **super().get_fields()}


class SeriesQuerySerializer(RangeSerializer):
    interval = serializers.ChoiceField(
        choices=[str(interval) for interval in Interval], default=str(Interval.DAY), required=False
    )


class CountsSerializer(serializers.Serializer[Any]):
    """A whole number for each expression."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {str(emotion): serializers.IntegerField(min_value=0) for emotion in EMOTIONS}


class MeansSerializer(serializers.Serializer[Any]):
    """The mean probability of each expression over all faces."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {str(emotion): serializers.FloatField(min_value=0, max_value=1) for emotion in EMOTIONS}


class UnitField(serializers.ChoiceField):
    """What `n` and `counts` count: faces of photos, or seconds in which a face was seen."""

    def __init__(self) -> None:
        super().__init__(choices=["face", "second"])


class TallySerializer(serializers.Serializer[Any]):
    """`n` faces of photos, or seconds of faces in sessions (`unit`); `counts` by the expression most likely in each.

    `means` is null without a face.

    `is_few` is true where they are too few to tell.
    """

    unit = UnitField()
    n = serializers.IntegerField()
    counts = CountsSerializer()
    means = MeansSerializer(allow_null=True)
    is_few = serializers.BooleanField()


class BucketSerializer(TallySerializer):
    """From `start` on and before `end`; `models` are the versions and how many faces each named."""

    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    models = serializers.DictField(child=serializers.IntegerField())


class SeriesSerializer(serializers.Serializer[Any]):
    interval = serializers.ChoiceField(choices=[str(interval) for interval in Interval])
    time_zone = serializers.CharField()
    source = serializers.ChoiceField(choices=HistorySum.Source.choices)
    unit = UnitField()
    n = serializers.IntegerField()
    few = serializers.IntegerField(help_text="A bucket of fewer faces than this is marked by `is_few`.")
    buckets = BucketSerializer(many=True)


class HistorySummarySerializer(BucketSerializer):
    """One source in the whole range; `sources` has each one's.

    `dominant` is what most faces show, `first` and `last` are the quarters of an hour of its faces.
    """

    source = serializers.ChoiceField(choices=HistorySum.Source.choices)
    dominant = serializers.ChoiceField(choices=EMOTION_CHOICES, allow_null=True)
    sources = serializers.DictField(child=TallySerializer())
    by_model = serializers.DictField(child=TallySerializer())
    first = serializers.DateTimeField(allow_null=True)
    last = serializers.DateTimeField(allow_null=True)


class HistoryView(APIView):
    """What your faces showed over time. A photo's face counts when it was added; a live face once a second."""

    @extend_schema(
        operation_id="history_series",
        parameters=[SeriesQuerySerializer],
        responses={200: SeriesSerializer, **error_responses(400, 404)},
        tags=["history"],
    )
    def get(self, request: Request) -> Response:
        params = read_query(SeriesQuerySerializer, request)
        zone, span = request.user.zone, _read_span(request, params)
        series = history_series(
            owner=_whose(request, params),
            start=span.start,
            end=span.end,
            interval=Interval(params["interval"]),
            zone=zone,
            source=params["source"],
            as_answered=params["faces"] == ANSWERED,
            by_taken=params["dates"] == TAKEN,
        )
        unit = HistorySum.Source(series.source).unit
        buckets = [_bucket(bucket, unit, zone) for bucket in series.buckets]
        n = sum(bucket["n"] for bucket in buckets)
        facts = {
            "interval": str(series.interval),
            "time_zone": str(zone),
            "source": series.source,
            "unit": unit,
            "n": n,
            "few": MIN_FACES_FOR_SHARES,
        }
        return Response({**facts, "buckets": buckets})


class SummaryView(APIView):
    """A range of your history as a whole."""

    @extend_schema(
        operation_id="history_summary",
        parameters=[RangeSerializer],
        responses={200: HistorySummarySerializer, **error_responses(400, 404)},
        tags=["history"],
    )
    def get(self, request: Request) -> Response:
        params = read_query(RangeSerializer, request)
        zone, span = request.user.zone, _read_span(request, params)
        source = HistorySum.Source(params["source"])
        limits = {"owner": _whose(request, params), "start": span.start, "end": span.end}
        by_taken = params["dates"] == TAKEN
        by_source = totals_by_source(**limits, as_answered=params["faces"] == ANSWERED, by_taken=by_taken)
        found = by_source[source]
        first, last = first_and_last_face(**limits, source=source, by_taken=by_taken)
        dominant = found.whole.faces.dominant
        return Response(
            {
                **_bucket(found.whole, source.unit, zone),
                "source": str(source),
                "dominant": None if dominant is None else str(dominant),
                "sources": {str(each): _totals(by_source[each].whole.faces, each.unit) for each in HistorySum.Source},
                "by_model": {name: _totals(totals, source.unit) for name, totals in found.by_model},
                "first": _moment(first, zone),
                "last": _moment(last, zone),
            }
        )


def _whose(request: Request, params: dict[str, Any]) -> Any:
    """Return the user, or the album or tag that is asked for; raise `Http404` for another's."""
    return album_in_query(request.user, params.get("album")) or request.user


def _read_span(request: Request, params: dict[str, Any]) -> Span:
    """Return the span asked for; raise `HistoryError` for an invalid range of days."""
    zone = request.user.zone
    last = params.get("to") or timezone.localdate(timezone=zone)
    first = params.get("from")
    if first is None:
        # A `to` before FIRST_DAY is refused below.
        first = last if last < FIRST_DAY else max(FIRST_DAY, last - dt.timedelta(days=DAYS - 1))
    return span_of_days(first, last, zone)


def _bucket(bucket: Bucket, unit: str, zone: dt.tzinfo) -> dict[str, Any]:
    moments = {"start": _moment(bucket.span.start, zone), "end": _moment(bucket.span.end, zone)}
    return {**moments, **_totals(bucket.faces, unit), "models": dict(bucket.models)}


def _totals(totals: EmotionTotals, unit: str) -> dict[str, Any]:
    means = None if totals.means is None else by_emotion(round(mean, 6) for mean in totals.means)
    facts = {"n": totals.n, "counts": by_emotion(totals.counts), "means": means, "is_few": totals.is_few}
    return {"unit": unit, **facts}


def _moment(moment: dt.datetime | None, zone: dt.tzinfo) -> str | None:
    return None if moment is None else moment.astimezone(zone).isoformat()
