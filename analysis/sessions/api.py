"""API of sessions and their samples."""

from __future__ import annotations

import uuid
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.emotion_fields import PROBABILITIES_SCHEMA
from analysis.face_columns import DOUBTS_SCHEMA, doubts_of
from analysis.recognition.emotions import by_emotion
from analysis.sessions.face_names import FACE_NAME_MAX, name_faces
from analysis.sessions.models import Sample, Session, SessionQuerySet
from analysis.sessions.services import NAME_MAX, NOTES_MAX, delete_session, edit_session
from analysis.sessions.timeline import read_summary
from ferproject.api.serializers import BodySerializer, TextField, read_query


class SessionSerializer(serializers.ModelSerializer[Session]):
    """`started_at` is second 0 of the samples, `ended_at` null while it is open, `video` the video's id, if any."""

    seconds = serializers.SerializerMethodField()
    video = serializers.SerializerMethodField()

    class Meta:
        model = Session
        fields = ["id", "source", "name", "notes", "started_at", "ended_at", "seconds", "frames", "dropped", "video"]
        read_only_fields = fields

    def get_seconds(self, session: Session) -> float:
        return session.duration.total_seconds()

    @extend_schema_field(serializers.UUIDField(allow_null=True))
    def get_video(self, session: Session) -> str | None:
        video = getattr(session, "video", None)
        return None if video is None else str(video.pk)


class FaceNamesField(serializers.DictField):
    """Names by the numbers of faces."""

    child = TextField(max_length=FACE_NAME_MAX, allow_blank=True)

    def to_internal_value(self, data: Any) -> dict[int, str]:
        names = super().to_internal_value(data)
        if bad := [key for key in names if not (key.isascii() and key.isdecimal() and 0 < int(key[:10]) < 2**31)]:
            message = gettext("Expected numbers of faces, from 1 on; got “%(value)s”.")
            raise serializers.ValidationError(message % {"value": bad[0][:20]})
        return {int(key): name for key, name in names.items()}


class SessionEditSerializer(BodySerializer):
    name = TextField(max_length=NAME_MAX, required=False)
    notes = TextField(max_length=NOTES_MAX, allow_blank=True, required=False)
    face_names = FaceNamesField(required=False, help_text="Names by the numbers of faces; an empty one is taken back.")


class SessionFilterSerializer(serializers.Serializer[Any]):
    """Its values are the filters of `SessionQuerySet.matching`."""

    source = serializers.ChoiceField(choices=Session.Source.choices, required=False)
    search = TextField(source="name", max_length=100, required=False, help_text="Occurs in the session's name.")
    started_after = serializers.DateTimeField(
        source="started_at__gte", required=False, help_text="At this moment or later."
    )
    started_before = serializers.DateTimeField(source="started_at__lt", required=False)
    album = serializers.UUIDField(source="collections", required=False, help_text="In this album, or with this tag.")


class SampleFilterSerializer(serializers.Serializer[Any]):
    face = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False, help_text="Only this face's.")


class SampleSerializer(serializers.ModelSerializer[Sample]):
    """One face in one second: the mean over its `frames`. `second` counts from the session's start."""

    probabilities = serializers.SerializerMethodField()
    is_uncertain = serializers.SerializerMethodField()
    doubts = serializers.SerializerMethodField()

    class Meta:
        model = Sample
        fields = [
            "second",
            "face",
            "frames",
            "model",
            "emotion",
            "confidence",
            "score",
            "probabilities",
            "is_uncertain",
            "doubts",
        ]
        read_only_fields = fields

    @extend_schema_field(PROBABILITIES_SCHEMA)
    def get_probabilities(self, sample: Sample) -> dict[str, float]:
        return by_emotion(sample.probabilities)

    def get_is_uncertain(self, sample: Sample) -> bool:
        return bool(doubts_of(sample.probabilities))

    @extend_schema_field(DOUBTS_SCHEMA)
    def get_doubts(self, sample: Sample) -> list[str]:
        return doubts_of(sample.probabilities)


SHARES = {
    "type": "object",
    "description": "Shares of the expressions that were the likeliest in any second; they sum to 1.",
    "additionalProperties": {"type": "number", "minimum": 0, "maximum": 1},
}


@extend_schema_field(SHARES)
class SharesField(serializers.Field):
    def to_representation(self, value: Any) -> dict[str, float]:
        return dict(value)


class FaceSummarySerializer(serializers.Serializer[Any]):
    """One face over the whole session; `shares` are shares of its `seconds` by the likeliest expression.

    `name` is what you call it, "" without a name.
    """

    face = serializers.IntegerField()
    seconds = serializers.IntegerField()
    first = serializers.IntegerField()
    last = serializers.IntegerField()
    shares = SharesField()
    confidence = serializers.FloatField()
    models = serializers.ListField(child=serializers.CharField())
    name = serializers.CharField()


class SessionSummarySerializer(serializers.Serializer[Any]):
    """`n` is the number of samples."""

    n = serializers.IntegerField()
    shares = SharesField()
    models = serializers.ListField(child=serializers.CharField())
    faces = FaceSummarySerializer(many=True)


@extend_schema_view(
    list=extend_schema(operation_id="sessions_list", parameters=[SessionFilterSerializer]),
    retrieve=extend_schema(operation_id="sessions_retrieve"),
    destroy=extend_schema(
        operation_id="sessions_delete", description="Deletes a session and, if it is a video's, the video."
    ),
)
@extend_schema(tags=["sessions"])
class SessionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet):
    """Your live sessions and analysed videos."""

    serializer_class = SessionSerializer
    lookup_value_converter = "uuid"
    keyset: tuple[str, ...] = ("-started_at", "-id")
    queryset = Session.objects.none()

    def get_queryset(self) -> SessionQuerySet:
        sessions = Session.objects.owned_by(self.request.user).select_related("video")
        if self.action == "list":
            sessions = sessions.matching(**read_query(SessionFilterSerializer, self.request))
        return sessions

    @extend_schema(request=SessionEditSerializer, responses=SessionSerializer, operation_id="sessions_edit")
    def partial_update(self, request: Request, pk: uuid.UUID) -> Response:
        session = self.get_object()
        serializer = SessionEditSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        name_faces(session=session, names=values.pop("face_names", {}))
        edit_session(session=session, **values)
        return Response(SessionSerializer(self.get_object()).data)

    @extend_schema(
        operation_id="sessions_samples",
        responses=SampleSerializer(many=True),
        parameters=[SampleFilterSerializer],
    )
    @action(detail=True)
    def samples(self, request: Request, pk: uuid.UUID) -> Response:
        session = self.get_object()
        self.keyset = ("second", "face")
        page = self.paginate_queryset(session.samples.filter(**read_query(SampleFilterSerializer, request)))
        return self.get_paginated_response(SampleSerializer(page, many=True).data)

    @extend_schema(operation_id="sessions_summary", responses=SessionSummarySerializer)
    @action(detail=True)
    def summary(self, request: Request, pk: uuid.UUID) -> Response:
        return Response(SessionSummarySerializer(read_summary(self.get_object(), with_names=True)).data)

    def perform_destroy(self, session: Session) -> None:
        delete_session(session=session)
