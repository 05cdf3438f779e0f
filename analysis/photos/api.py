"""Photos and what was recognized in them."""

from __future__ import annotations

import io
import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.consents.api import PeopleAgreedSerializer, people_agreed_at
from analysis.consents.services import require_photos_consent
from analysis.emotion_fields import EMOTION_CHOICES
from analysis.errors import PhotoError
from analysis.idempotency.decorator import IDEMPOTENCY_KEY, idempotent
from analysis.photos.annotated import annotated_jpeg
from analysis.photos.models import Photo, PhotoQuerySet
from analysis.photos.serializers import FaceSerializer
from analysis.photos.services import create_photo
from analysis.recognition.errors import RecognitionError
from ferproject.api.renderers import JPEGRenderer
from ferproject.api.schema import error_responses
from ferproject.api.serializers import TextField, read_query
from ferproject.api.throttles import UploadThrottle, UserThrottle

NEWEST, OLDEST = "newest", "oldest"
MOST_AT_ONCE = 20
REFUSED = (
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.INSUFFICIENT_STORAGE,
)


class AnalysisSerializer(serializers.ModelSerializer[Photo]):
    """A photo with its current result. `model` is the version that made it; `milliseconds` what it took."""

    milliseconds = serializers.FloatField(source="result.milliseconds")
    faces = FaceSerializer(source="result.faces", many=True)

    class Meta:
        model = Photo
        fields = ["id", "name", "source", "created_at", "width", "height", "bytes", "model", "milliseconds", "faces"]
        read_only_fields = fields


class FilterSerializer(serializers.Serializer[Any]):
    """What a list of analyses can be narrowed down by; all of it together."""

    created_after = serializers.DateTimeField(required=False, help_text="Added at this moment or later.")
    created_before = serializers.DateTimeField(required=False, help_text="Added before this moment.")
    emotion = serializers.ChoiceField(choices=EMOTION_CHOICES, required=False, help_text="At least one face shows it.")
    source = serializers.ChoiceField(
        choices=Photo.Source.choices, required=False, help_text="How the photo came: web, api or sample."
    )
    min_confidence = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="The surest face's confidence is this or more."
    )
    max_confidence = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="The surest face's confidence is this or less."
    )
    model = TextField(max_length=100, required=False, help_text="The version that made the result.")
    search = TextField(max_length=100, required=False, help_text="Occurs in the photo's name.")
    order = serializers.ChoiceField(choices=[NEWEST, OLDEST], default=NEWEST, required=False)


_FILTERS = {"emotion": "with_emotion", "source": "added_from", "model": "analysed_by", "search": "named_like"}
"""By parameter, the queryset method that takes its value."""


def narrow(photos: PhotoQuerySet, asked: Mapping[str, Any]) -> PhotoQuerySet:
    """Return those of `photos` that `FilterSerializer`'s values ask for."""
    photos = photos.between(asked.get("created_after"), asked.get("created_before"))
    photos = photos.with_confidence(least=asked.get("min_confidence"), most=asked.get("max_confidence"))
    for name, method in _FILTERS.items():
        if name in asked:
            photos = getattr(photos, method)(asked[name])
    return photos


class PhotoUploadSerializer(PeopleAgreedSerializer):
    photo = serializers.FileField(help_text="JPEG, PNG, WebP, GIF, BMP or TIFF; HEIC where the site can read it.")


class PhotosUploadSerializer(PeopleAgreedSerializer):
    photos = serializers.ListField(child=serializers.FileField(), min_length=1, max_length=MOST_AT_ONCE)


class ErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    retryable = serializers.BooleanField()


class UploadedSerializer(serializers.Serializer[Any]):
    """What became of one file: its `analysis`, or why there is none. `is_new` is false for a file that was here."""

    name = serializers.CharField()
    is_new = serializers.BooleanField()
    analysis = AnalysisSerializer(allow_null=True)
    error = ErrorSerializer(allow_null=True)


class UploadsSerializer(serializers.Serializer[Any]):
    results = UploadedSerializer(many=True)


@extend_schema_view(
    list=extend_schema(operation_id="analyses_list", parameters=[FilterSerializer]),
    retrieve=extend_schema(operation_id="analyses_retrieve"),
    destroy=extend_schema(
        operation_id="analyses_delete", description="Deletes the photo, its files and everything said about it."
    ),
)
@extend_schema(tags=["analyses"])
class AnalysisViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet):
    """Your photos with their current results."""

    serializer_class = AnalysisSerializer
    lookup_value_converter = "uuid"
    parser_classes = [MultiPartParser]
    queryset = Photo.objects.none()

    def get_queryset(self) -> PhotoQuerySet:
        photos = Photo.objects.owned_by(self.request.user).with_result()
        return narrow(photos, read_query(FilterSerializer, self.request)) if self.action == "list" else photos

    def get_keyset(self) -> tuple[str, ...]:
        oldest_first = read_query(FilterSerializer, self.request)["order"] == OLDEST
        return ("created_at", "id") if oldest_first else ("-created_at", "-id")

    def get_throttles(self) -> list[Any]:
        return [UserThrottle(), UploadThrottle()] if self.action in ("create", "batch") else super().get_throttles()

    @extend_schema(
        operation_id="analyses_create",
        description="Analyses one photo. A file whose picture is in your history already is not analysed again: 200.",
        request={"multipart/form-data": PhotoUploadSerializer},
        parameters=[IDEMPOTENCY_KEY],
        responses={201: AnalysisSerializer, 200: AnalysisSerializer, **error_responses(409, 422, *REFUSED)},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        asked = PhotoUploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        added = _add(request, asked.validated_data, asked.validated_data["photo"])
        status = HTTPStatus.CREATED if added.is_new else HTTPStatus.OK
        return Response(AnalysisSerializer(added.photo).data, status=status)

    @extend_schema(
        operation_id="analyses_batch",
        description=f"Analyses up to {MOST_AT_ONCE} photos that together have {settings.PHOTO_MAX_BYTES / 1_000_000:g} "
        "MB at most; one that is refused keeps no other from being analysed.",
        request={"multipart/form-data": PhotosUploadSerializer},
        parameters=[IDEMPOTENCY_KEY],
        responses={200: UploadsSerializer, **error_responses(409, 422, *REFUSED)},
    )
    @action(detail=False, methods=["post"], url_path="batch")
    @idempotent
    def batch(self, request: Request) -> Response:
        asked = PhotosUploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        require_photos_consent(user=request.user, error=PhotoError)
        values = asked.validated_data
        results = [_outcome(request, values, file) for file in values["photos"]]
        return Response(UploadsSerializer({"results": results}).data)

    @extend_schema(
        operation_id="analyses_annotated",
        description="The picture with circles and labels drawn into it.",
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    @action(detail=True, renderer_classes=[JPEGRenderer])
    def annotated(self, request: Request, pk: uuid.UUID) -> FileResponse:
        photo = get_object_or_404(self.get_queryset(), pk=pk)
        try:
            return FileResponse(io.BytesIO(annotated_jpeg(photo)), content_type="image/jpeg")
        except FileNotFoundError as error:
            raise Http404 from error


def _add(request: Request, asked: Mapping[str, Any], file: Any) -> Any:
    return create_photo(
        owner=request.user,
        name=file.name,
        data=file.read(),
        source=Photo.Source.API,
        people_agreed_at=people_agreed_at(asked),
    )


def _outcome(request: Request, asked: Mapping[str, Any], file: Any) -> dict[str, Any]:
    try:
        added = _add(request, asked, file)
    except (PhotoError, RecognitionError) as error:
        return {"name": file.name, "is_new": False, "analysis": None, "error": error}
    return {"name": file.name, "is_new": added.is_new, "analysis": added.photo, "error": None}
