"""API of videos: upload in parts, progress, cancel, retry, delete and download."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import IO, Any

from django.conf import settings
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.consents.requests import PeopleAgreedSerializer
from analysis.files.range_responses import stream_file
from analysis.idempotency.decorator import IDEMPOTENCY_KEY, idempotent
from analysis.videos.models import MEDIA_TYPES, Video, VideoQuerySet
from analysis.videos.services import MAX_PART_BYTES, append_part, cancel_video, create_video, delete_video, retry_video
from ferproject.api.renderers import MP4Renderer, WebMRenderer
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer, TextField, read_query


class VideoSerializer(serializers.ModelSerializer[Video]):
    """`received` of `bytes` are uploaded; `progress` of the analysis is 0 to 1; `session` is a finished video's result.

    `message` is the reason of a failure, or a remark about the result.
    """

    message = serializers.CharField(source="shown_message", read_only=True)

    class Meta:
        model = Video
        fields = [
            "id",
            "name",
            "status",
            "bytes",
            "received",
            "progress",
            "message",
            "width",
            "height",
            "seconds",
            "session",
            "created_at",
            "ended_at",
        ]
        read_only_fields = fields


class NewVideoSerializer(PeopleAgreedSerializer, BodySerializer):
    name = TextField(max_length=255)
    bytes = serializers.IntegerField(min_value=1, max_value=settings.VIDEO_MAX_BYTES, help_text="The file's size.")


class VideoFilterSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=Video.Status.choices, required=False)
    search = TextField(source="name", max_length=100, required=False, help_text="Occurs in its name or its session's.")


class PartSerializer(serializers.Serializer[Any]):
    offset = serializers.IntegerField(
        min_value=0, max_value=2**53, help_text="Where in the file this part begins: `received` of the last response."
    )


class PartParser(BaseParser):
    """Reads the raw body, of a too large one just enough to detect it."""

    media_type = "application/octet-stream"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> bytes:
        return stream.read(MAX_PART_BYTES + 1)


@extend_schema_view(
    list=extend_schema(operation_id="videos_list", parameters=[VideoFilterSerializer]),
    retrieve=extend_schema(operation_id="videos_retrieve"),
    destroy=extend_schema(
        operation_id="videos_delete", description="Deletes the video, its session and its part of the history."
    ),
)
@extend_schema(tags=["videos"])
class VideoViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet):
    """Your videos and the progress of their analysis."""

    serializer_class = VideoSerializer
    lookup_value_converter = "uuid"
    queryset = Video.objects.none()

    def get_queryset(self) -> VideoQuerySet:
        videos = Video.objects.owned_by(self.request.user)
        filters = read_query(VideoFilterSerializer, self.request) if self.action == "list" else {}
        return videos.matching(**filters)

    @extend_schema(
        operation_id="videos_create",
        description="Begins an upload; its parts follow.",
        request=NewVideoSerializer,
        parameters=[IDEMPOTENCY_KEY],
        responses={201: VideoSerializer, **error_responses(409, 413, 422, 507)},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        serializer = NewVideoSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        values = serializer.validated_data
        video = create_video(
            owner=request.user, name=values["name"], size=values["bytes"], people_agreed_at=serializer.people_agreed_at
        )
        return Response(VideoSerializer(video).data, status=HTTPStatus.CREATED)

    @extend_schema(
        operation_id="videos_part",
        description=f"Sends the next part, {MAX_PART_BYTES:,} bytes at most; the last one starts the analysis. After a "
        "409 of code `wrong_offset`, continue at `received` of `GET` on the video.",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        parameters=[PartSerializer],
        responses={200: VideoSerializer, **error_responses(409, 413, 415, 422, 507)},
    )
    @action(detail=True, methods=["put"], parser_classes=[PartParser])
    def part(self, request: Request, pk: uuid.UUID) -> Response:
        video = self.get_object()
        offset = read_query(PartSerializer, request)["offset"]
        data = request.data if isinstance(request.data, bytes) else b""
        return Response(VideoSerializer(append_part(video=video, offset=offset, data=data)).data)

    @extend_schema(
        operation_id="videos_cancel",
        description="Deletes an unfinished upload, or cancels the analysis.",
        request=None,
        responses={204: None, **error_responses(409)},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: uuid.UUID) -> Response:
        cancel_video(video=self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(
        operation_id="videos_retry",
        description="Queues a failed video again, if its file is kept.",
        request=None,
        responses={200: VideoSerializer, **error_responses(409)},
    )
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, pk: uuid.UUID) -> Response:
        retry_video(video=self.get_object())
        return Response(VideoSerializer(self.get_object()).data)

    @extend_schema(
        operation_id="videos_annotated",
        description="The finished video with circles and labels around the faces: MP4, or WebM where the server cannot "
        "write H.264, and of videos analysed by earlier releases. Supports `Range`.",
        responses={(status, kind): OpenApiTypes.BINARY for status in (200, 206) for kind in MEDIA_TYPES.values()},
    )
    @action(detail=True, renderer_classes=[MP4Renderer, WebMRenderer])
    def annotated(self, request: Request, pk: uuid.UUID) -> HttpResponseBase:
        video = get_object_or_404(self.get_queryset().exclude(annotated=""), pk=pk)
        suffix = video.annotated_suffix
        return stream_file(
            request._request, video.annotated.name, MEDIA_TYPES[suffix], name=f"annotated{suffix}", download=True
        )

    def perform_destroy(self, video: Video) -> None:
        delete_video(video=video)
