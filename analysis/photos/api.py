"""API of photos and their results."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http import FileResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.consents.requests import PeopleAgreedSerializer
from analysis.consents.services import require_photos_consent
from analysis.date_range_form import ADDED, DATES_CHOICES, TAKEN
from analysis.emotion_fields import ANSWERED, CORRECTED, EMOTION_CHOICES, FACES_CHOICES, PROBABILITIES_SCHEMA
from analysis.errors import PhotoError
from analysis.idempotency.decorator import IDEMPOTENCY_KEY, idempotent
from analysis.photos.annotated import annotated_jpeg, jpeg_response
from analysis.photos.models import Photo, PhotoQuerySet
from analysis.photos.serializers import FaceSerializer
from analysis.photos.services import AddedPhoto, create_photo
from analysis.recognition.emotions import by_emotion
from analysis.recognition.errors import RecognitionError
from ferproject.api.renderers import JPEGRenderer
from ferproject.api.schema import error_responses
from ferproject.api.serializers import StrictBooleanField, TextField, read_query
from ferproject.api.throttles import UploadThrottle, UserThrottle
from ferproject.errors import translated_message

NEWEST, OLDEST = "newest", "oldest"
MAX_BATCH_FILES = 20
UPLOAD_ERRORS = error_responses(409, 413, 415, 422, 503, 507)


class AnalysisSerializer(serializers.ModelSerializer[Photo]):
    """A photo with its current result, made by a `detector` and the version `model` in so many `milliseconds`.

    `excluded_faces` are those that you said are none. `taken_at` is when the photo was taken, null where its owner did
    not have that kept or the file does not tell. `mean_probabilities` are of all its faces together, null without one.
    """

    detector = serializers.CharField(source="result.detector")
    milliseconds = serializers.FloatField(source="result.milliseconds")
    faces = FaceSerializer(source="result.faces", many=True)
    excluded_faces = FaceSerializer(source="result.excluded_faces", many=True)
    mean_probabilities = serializers.SerializerMethodField()

    class Meta:
        model = Photo
        fields = [
            "id",
            "name",
            "source",
            "created_at",
            "taken_at",
            "width",
            "height",
            "bytes",
            "detector",
            "model",
            "milliseconds",
            "faces",
            "excluded_faces",
            "mean_probabilities",
        ]
        read_only_fields = fields

    @extend_schema_field({**PROBABILITIES_SCHEMA, "nullable": True})
    def get_mean_probabilities(self, photo: Photo) -> dict[str, float] | None:
        means = photo.result.mean_probabilities
        return None if means is None else by_emotion(means)


class FilterSerializer(serializers.Serializer[Any]):
    """Filters of the list, combined, under the names of `PhotoListQuerySet.matching`."""

    created_after = serializers.DateTimeField(source="start", required=False, help_text="Added at this time or later.")
    created_before = serializers.DateTimeField(source="end", required=False, help_text="Added before this time.")
    emotion = serializers.ChoiceField(choices=EMOTION_CHOICES, required=False, help_text="At least one face shows it.")
    faces = serializers.ChoiceField(
        choices=FACES_CHOICES,
        default=CORRECTED,
        required=False,
        help_text="`emotion` as you corrected it, or as the version answered.",
    )
    corrected = StrictBooleanField(required=False, help_text="true: you corrected, took out or marked a face.")
    uncertain = StrictBooleanField(required=False, help_text="true: a face is uncertain and not corrected.")
    without_faces = StrictBooleanField(required=False, help_text="true: no face; false: at least one.")
    source = serializers.ChoiceField(choices=Photo.Source.choices, required=False, help_text="How the photo was added.")
    min_confidence = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="Minimum of the photo's highest confidence."
    )
    max_confidence = serializers.FloatField(
        min_value=0, max_value=1, required=False, help_text="Maximum of the photo's highest confidence."
    )
    model = TextField(max_length=100, required=False, help_text="The version that made the result.")
    search = TextField(source="name", max_length=100, required=False, help_text="Occurs in the photo's name.")
    dates = serializers.ChoiceField(
        choices=DATES_CHOICES,
        default=ADDED,
        required=False,
        help_text="Which time `order`, `created_after` and `created_before` are about: taken, else added.",
    )
    album = serializers.UUIDField(required=False, help_text="In this album, or with this tag.")
    order = serializers.ChoiceField(choices=[NEWEST, OLDEST], default=NEWEST, required=False)


class PhotoUploadSerializer(PeopleAgreedSerializer):
    photo = serializers.FileField(help_text="JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF; HEIC where the site can read it.")


class PhotosUploadSerializer(PeopleAgreedSerializer):
    photos = serializers.ListField(child=serializers.FileField(), min_length=1, max_length=MAX_BATCH_FILES)


class ErrorSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    retryable = serializers.BooleanField()


class UploadedSerializer(serializers.Serializer[Any]):
    """The result of one file: its `analysis`, or the `error`. `is_new` is false for a file already in the history."""

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
        operation_id="analyses_delete", description="Deletes the photo, its files, results and corrections."
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
        photos = Photo.objects.owned_by(self.request.user).with_excluded_faces()
        if self.action != "list":
            return photos
        return matching_photos(photos, read_query(FilterSerializer, self.request))

    def get_keyset(self) -> tuple[str, ...]:
        query = read_query(FilterSerializer, self.request)
        keyset = Photo.objects.keyset(by_taken=query["dates"] == TAKEN)
        return (keyset.reversed() if query["order"] == OLDEST else keyset).columns

    def get_throttles(self) -> list[Any]:
        return [UserThrottle(), UploadThrottle()] if self.action in ("create", "batch") else super().get_throttles()

    @extend_schema(
        operation_id="analyses_create",
        description="Analyses one photo. A file whose picture is already in your history is not analysed again: 200.",
        request={"multipart/form-data": PhotoUploadSerializer},
        parameters=[IDEMPOTENCY_KEY],
        responses={201: AnalysisSerializer, 200: AnalysisSerializer, **UPLOAD_ERRORS},
    )
    @idempotent
    def create(self, request: Request) -> Response:
        upload = PhotoUploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        added = _create_photo(request, upload, upload.validated_data["photo"])
        status = HTTPStatus.CREATED if added.is_new else HTTPStatus.OK
        return Response(AnalysisSerializer(added.photo).data, status=status)

    @extend_schema(
        operation_id="analyses_batch",
        description=f"Analyses up to {MAX_BATCH_FILES} photos that together have "
        f"{settings.PHOTO_MAX_BYTES / 1_000_000:g} MB at most; the others are analysed where one is refused.",
        request={"multipart/form-data": PhotosUploadSerializer},
        parameters=[IDEMPOTENCY_KEY],
        responses={200: UploadsSerializer, **UPLOAD_ERRORS},
    )
    @action(detail=False, methods=["post"], url_path="batch")
    @idempotent
    def batch(self, request: Request) -> Response:
        upload = PhotosUploadSerializer(data=request.data)
        upload.is_valid(raise_exception=True)
        require_photos_consent(user=request.user, error=PhotoError)
        results = [_batch_result(request, upload, file) for file in upload.validated_data["photos"]]
        return Response(UploadsSerializer({"results": results}).data)

    @extend_schema(
        operation_id="analyses_annotated",
        description="The picture with circles and labels drawn into it.",
        responses={(200, "image/jpeg"): OpenApiTypes.BINARY},
    )
    @action(detail=True, renderer_classes=[JPEGRenderer])
    def annotated(self, request: Request, pk: uuid.UUID) -> FileResponse:
        photo = get_object_or_404(self.get_queryset(), pk=pk)
        return jpeg_response(annotated_jpeg, photo)


def matching_photos(photos: PhotoQuerySet, values: dict[str, Any]) -> PhotoQuerySet:
    """Return the photos that match the validated values of a `FilterSerializer`."""
    filters = {name: value for name, value in values.items() if name not in ("order", "faces", "dates")}
    choices = {"as_answered": values["faces"] == ANSWERED, "by_taken": values["dates"] == TAKEN}
    return photos.matching(**choices, **filters)


def _create_photo(request: Request, upload: PeopleAgreedSerializer, file: UploadedFile) -> AddedPhoto:
    return create_photo(
        owner=request.user,
        name=file.name or "",
        data=file.read(),
        source=Photo.Source.API,
        people_agreed_at=upload.people_agreed_at,
    )


def _batch_result(request: Request, upload: PeopleAgreedSerializer, file: UploadedFile) -> dict[str, Any]:
    try:
        added = _create_photo(request, upload, file)
    except (PhotoError, RecognitionError) as error:
        refusal = {"code": error.code, "message": translated_message(error), "retryable": error.retryable}
        return {"name": file.name, "is_new": False, "analysis": None, "error": refusal}
    return {"name": file.name, "is_new": added.is_new, "analysis": added.photo, "error": None}
