"""API endpoint of notices."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.notices import services
from ferproject.api.serializers import read_query


class NoticesQuery(serializers.Serializer[Any]):
    since = serializers.DateTimeField(required=False, help_text="The `now` of your last request.")


class NoticeSerializer(serializers.Serializer[services.Notice]):
    """A video or training run that ended, or a webhook that was switched off because its receiver failed."""

    kind = serializers.ChoiceField(choices=["video", "training", "webhook"])
    name = serializers.CharField()
    is_success = serializers.BooleanField()
    ended_at = serializers.DateTimeField()
    text = serializers.CharField(help_text="One sentence for people.")
    url = serializers.CharField(help_text="Its page.")


class NoticesSerializer(serializers.Serializer[Any]):
    """`is_waiting` where a video or training run of yours has not ended: ask again after some seconds."""

    now = serializers.DateTimeField()
    is_waiting = serializers.BooleanField()
    results = NoticeSerializer(many=True)


class NoticesView(APIView):
    """Your videos and training runs that ended after `since`, the last 20 of a day; without it none."""

    @extend_schema(
        tags=["me"], parameters=[NoticesQuery], responses=NoticesSerializer, operation_id="notices", filters=False
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        since = read_query(NoticesQuery, request).get("since", now)
        content = {
            "now": now,
            "is_waiting": services.is_waiting(user=request.user),
            "results": services.notices_since(user=request.user, since=since, until=now),
        }
        return Response(NoticesSerializer(content).data)
