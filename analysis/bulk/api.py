"""API of bulk actions."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.albums.models import Collection
from analysis.bulk.archive import send_archive
from analysis.bulk.models import BulkJob, BulkJobQuerySet
from analysis.bulk.selection import MODELS
from analysis.bulk.services import MAX_SELECTED, cancel_job, check_count, start_job
from analysis.photos.api import FilterSerializer, matching_photos
from analysis.sessions.api import SessionFilterSerializer
from analysis.videos.api import VideoFilterSerializer
from ferproject.api.renderers import ZipRenderer
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer, read_body

FILTERS: dict[str, type[serializers.Serializer[Any]]] = {
    BulkJob.Kind.PHOTOS: FilterSerializer,
    BulkJob.Kind.SESSIONS: SessionFilterSerializer,
    BulkJob.Kind.VIDEOS: VideoFilterSerializer,
}


class BulkJobSerializer(serializers.ModelSerializer[BulkJob]):
    """`done` of `total` items are done, `failed` of them could not be. A deletion can be undone until `undo_until`."""

    album = serializers.UUIDField(source="collection_id", allow_null=True)
    undo_until = serializers.DateTimeField(source="due_at", allow_null=True)

    class Meta:
        model = BulkJob
        fields = [
            "id",
            "action",
            "kind",
            "album",
            "status",
            "total",
            "done",
            "failed",
            "message",
            "undo_until",
            "created_at",
            "ended_at",
        ]
        read_only_fields = fields


class NewBulkJobSerializer(BodySerializer):
    """Either `ids`, of which those that are not yours are left out, or `filter`: all that the list's filter matches."""

    action = serializers.ChoiceField(choices=BulkJob.Action.choices)
    kind = serializers.ChoiceField(choices=BulkJob.Kind.choices)
    ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text=f"At most {MAX_SELECTED:,} photos, sessions or videos."
    )
    filter = serializers.DictField(
        child=serializers.CharField(), required=False, help_text="Parameters of the list of that kind; {} matches all."
    )
    album = serializers.UUIDField(required=False, help_text="The album's or tag's id, for `add` and `remove`.")

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in values) == ("filter" in values):
            raise serializers.ValidationError(gettext("Give either ids or filter."))
        if values["action"] in (BulkJob.Action.ADD, BulkJob.Action.REMOVE) and "album" not in values:
            raise serializers.ValidationError({"album": gettext("Give the id of an album or tag.")})
        return values


@extend_schema_view(list=extend_schema(operation_id="bulk_list"), retrieve=extend_schema(operation_id="bulk_retrieve"))
@extend_schema(tags=["bulk"])
class BulkViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Actions on many of your photos, sessions or videos; a job is listed for a day after it has ended."""

    serializer_class = BulkJobSerializer
    lookup_value_converter = "uuid"
    queryset = BulkJob.objects.none()

    def get_queryset(self) -> BulkJobQuerySet:
        return BulkJob.objects.owned_by(self.request.user).defer("ids").select_related("owner")

    @extend_schema(
        operation_id="bulk_create",
        description="A few items are done at once: `finished`. Otherwise ask for the job until it is.",
        request=NewBulkJobSerializer,
        responses={202: BulkJobSerializer, **error_responses(404, 409)},
    )
    def create(self, request: Request) -> Response:
        # Before the ids are read one by one.
        check_count(len(request.data.get("ids") or ()) if isinstance(request.data, dict) else 0)
        wanted = read_body(NewBulkJobSerializer, request)
        collection = None
        if "album" in wanted:
            collection = get_object_or_404(Collection, owner=request.user, pk=wanted["album"])
        job = start_job(
            owner=request.user,
            action=wanted["action"],
            kind=wanted["kind"],
            rows=_rows(request, wanted),
            collection=collection,
        )
        return Response(BulkJobSerializer(job).data, status=HTTPStatus.ACCEPTED)

    @extend_schema(
        operation_id="bulk_cancel",
        description="Undoes a deletion until `undo_until`, or ends another job before its next items.",
        request=None,
        responses={204: None, **error_responses(409)},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: uuid.UUID) -> Response:
        cancel_job(job=self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(
        operation_id="bulk_download",
        description="The archive of a job whose action is `zip`, written while you download it.",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    @action(detail=True, renderer_classes=[ZipRenderer])
    def download(self, request: Request, pk: uuid.UUID) -> StreamingHttpResponse:
        return send_archive(get_object_or_404(self.get_queryset(), pk=pk, action=BulkJob.Action.ZIP))


def _rows(request: Request, wanted: dict[str, Any]) -> QuerySet[Any]:
    owned = MODELS[wanted["kind"]].objects.owned_by(request.user)
    if "ids" in wanted:
        return owned.filter(pk__in=wanted["ids"]).newest_first()  # type: ignore[no-any-return]
    filters = FILTERS[wanted["kind"]](data=wanted["filter"])
    filters.is_valid(raise_exception=True)
    values = dict(filters.validated_data)
    is_photos = wanted["kind"] == BulkJob.Kind.PHOTOS
    return (matching_photos(owned, values) if is_photos else owned.matching(**values)).newest_first()  # type: ignore[no-any-return]
