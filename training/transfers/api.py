"""API of exports and imports of model versions, for staff."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.versions.api import VersionNameField
from analysis.versions.models import ModelVersion
from analysis.videos.api import PartParser, PartSerializer
from analysis.videos.services import MAX_PART_BYTES
from ferproject.api.permissions import STAFF, has_permission
from ferproject.api.renderers import ZipRenderer
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer, read_body, read_query
from training.models import VersionTransfer
from training.runs.reasons import in_active_language
from training.transfers import services as transfers
from training.transfers.downloads import send_archive

VIA = "api"
_PERMISSIONS = {
    "export_version": "add",
    "import_version": "add",
    "part": "add",
    "cancel": "change",
    "destroy": "delete",
}
_REFUSED = error_responses(HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN)


class VersionTransferSerializer(serializers.ModelSerializer[VersionTransfer]):
    """An export or import of the version `name`; `version` is set once it is on this site.

    `received` of an import's `bytes` are uploaded; of an export, `bytes` is the size of its zip. `message` says why it
    failed.
    """

    version = serializers.CharField(source="version.name", allow_null=True)
    message = serializers.SerializerMethodField()
    step = serializers.CharField(help_text="What a worker does now: `converting`, `comparing`, `reading`, `measuring`.")
    facts = serializers.SerializerMethodField(
        help_text="Of an export: `opset`, how often ONNX and LiteRT agree, `sha256`."
    )

    class Meta:
        model = VersionTransfer
        fields = [
            "id",
            "kind",
            "name",
            "version",
            "status",
            "step",
            "message",
            "bytes",
            "received",
            "facts",
            "created_at",
            "ended_at",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_facts(self, transfer: VersionTransfer) -> Any:
        return transfer.facts

    def get_message(self, transfer: VersionTransfer) -> str:
        return in_active_language(transfer.message, transfer.message_parts)


class ExportVersionSerializer(BodySerializer):
    version = VersionNameField(help_text="The version to export.")


class ImportVersionSerializer(BodySerializer):
    name = VersionNameField(help_text="What the version is to be called here.")
    bytes = serializers.IntegerField(min_value=1, max_value=transfers.MAX_BYTES, help_text="The zip's size.")


@extend_schema_view(
    list=extend_schema(operation_id="version_transfers_list"),
    retrieve=extend_schema(operation_id="version_transfers_retrieve"),
    destroy=extend_schema(operation_id="version_transfers_delete", responses={204: None, **_REFUSED}),
)
@extend_schema(tags=["training"])
class VersionTransferViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet[VersionTransfer]
):
    """Exports and imports of versions; they are listed, and exports can be downloaded, for a week after their end."""

    serializer_class = VersionTransferSerializer
    lookup_value_converter = "uuid"
    queryset = VersionTransfer.objects.select_related("version")

    def get_permissions(self) -> list[BasePermission]:
        needed = has_permission(f"training.{_PERMISSIONS.get(self.action or '', 'view')}_versiontransfer")
        return [permission() for permission in (*STAFF, needed)]

    @extend_schema(
        operation_id="version_transfers_export",
        description="Has a training worker write a version as a zip: ONNX, LiteRT in float32 and as it serves, Keras' "
        "files, card and an example. Returns the export that is under way, if there is one.",
        request=ExportVersionSerializer,
        responses={202: VersionTransferSerializer, **_REFUSED, **error_responses(404)},
    )
    @action(detail=False, methods=["post"], url_path="export")
    def export_version(self, request: Request) -> Response:
        wanted = read_body(ExportVersionSerializer, request)["version"]
        version = get_object_or_404(ModelVersion, name=wanted)
        return self._respond(transfers.start_export(version=version, by=request.user, via=VIA), HTTPStatus.ACCEPTED)

    @extend_schema(
        operation_id="version_transfers_import",
        description="Begins the upload of a zip that another site exported; its parts follow. Its weights alone are "
        "taken, converted, and measured on this site's training data.",
        request=ImportVersionSerializer,
        responses={201: VersionTransferSerializer, **_REFUSED, **error_responses(413, 503)},
    )
    @action(detail=False, methods=["post"], url_path="import")
    def import_version(self, request: Request) -> Response:
        wanted = read_body(ImportVersionSerializer, request)
        begun = transfers.start_import(name=wanted["name"], size=wanted["bytes"], by=request.user)
        return self._respond(begun, HTTPStatus.CREATED)

    @extend_schema(
        operation_id="version_transfers_part",
        description=f"Sends the next part, {MAX_PART_BYTES:,} bytes at most; the last one queues the import. After a "
        "409 of code `wrong_offset`, continue at `received` of `GET` on the import.",
        request={"application/octet-stream": OpenApiTypes.BINARY},
        parameters=[PartSerializer],
        responses={200: VersionTransferSerializer, **_REFUSED, **error_responses(413, 415, 507)},
    )
    @action(detail=True, methods=["put"], parser_classes=[PartParser])
    def part(self, request: Request, pk: object) -> Response:
        transfer = self.get_object()
        offset = read_query(PartSerializer, request)["offset"]
        data = request.data if isinstance(request.data, bytes) else b""
        return self._respond(transfers.append_part(transfer=transfer, offset=offset, data=data))

    @extend_schema(
        operation_id="version_transfers_cancel",
        description="Ends an upload, or an export or import before it is done.",
        request=None,
        responses={204: None, **_REFUSED},
    )
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: object) -> Response:
        transfers.cancel_transfer(transfer=self.get_object())
        return Response(status=HTTPStatus.NO_CONTENT)

    @extend_schema(
        operation_id="version_transfers_download",
        description="The zip of a finished export. Supports `Range`.",
        responses={(status, "application/zip"): OpenApiTypes.BINARY for status in (200, 206)},
    )
    @action(detail=True, renderer_classes=[ZipRenderer])
    def download(self, request: Request, pk: object) -> HttpResponseBase:
        return send_archive(request._request, get_object_or_404(self.get_queryset(), pk=pk))

    def perform_destroy(self, transfer: VersionTransfer) -> None:
        transfers.delete_transfer(transfer=transfer)

    def _respond(self, transfer: VersionTransfer, status: HTTPStatus = HTTPStatus.OK) -> Response:
        return Response(self.get_serializer(transfer).data, status=status)
