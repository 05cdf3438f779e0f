"""API of training runs, for staff: start, watch, cancel and resume them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.db.models import QuerySet
from django.utils import translation
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from analysis.versions.api import VersionNameField
from ferproject.api.permissions import STAFF, has_permission
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer, StrictBooleanField
from training.models import RunEpoch, TrainingRun
from training.run_settings import SITE_OPTIONS, Option, RunSettings
from training.runs import services as runs
from training.runs.presentation import waiting_reason

_PERMISSIONS = {"create": "training.add_trainingrun", "cancel": "training.change_trainingrun"}
_PERMISSIONS["resume"] = _PERMISSIONS["cancel"]
_REFUSED = error_responses(HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN)
_HIDDEN = {"data", "votes_data"}
"""Paths on the server."""


class EpochSerializer(serializers.ModelSerializer[RunEpoch]):
    class Meta:
        model = RunEpoch
        fields = ["number", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer[TrainingRun]):
    """A run; `epoch` of `epochs` are finished, and `progress` includes the batches of the current one."""

    progress = serializers.FloatField(help_text="0 to 1.")
    settings = serializers.SerializerMethodField(help_text="null: the architecture's own.")
    remaining_seconds = serializers.FloatField(allow_null=True)
    version = serializers.CharField(source="version.name", allow_null=True, help_text="What it made, once finished.")

    class Meta:
        model = TrainingRun
        fields = [
            "id",
            "name",
            "architecture",
            "state",
            "reason",
            "settings",
            "epoch",
            "epochs",
            "progress",
            "seconds",
            "remaining_seconds",
            "created_at",
            "started_at",
            "finished_at",
            "cancel_requested_at",
            "version",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_settings(self, run: TrainingRun) -> Any:
        shown = {name: value for name, value in run.configuration.items() if name not in _HIDDEN}
        return {**shown, "teachers": shown["teachers"].split(",")} if shown.get("teachers") else shown


class WatchedRunSerializer(RunSerializer):
    """A run with its epochs' figures, the end of its log, and why it makes no progress."""

    waiting_reason = serializers.SerializerMethodField()
    epoch_figures = EpochSerializer(source="epoch_rows", many=True)

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "waiting_reason", "images_per_second", "log", "epoch_figures"]
        read_only_fields = fields

    def get_waiting_reason(self, run: TrainingRun) -> str:
        return waiting_reason(run=run)


class StartRunSerializer(BodySerializer):
    """Settings of a run; one that is left out or null is the architecture's own."""

    name = VersionNameField(
        required=False, help_text="Of the version it makes; left out: the next free one, such as cnn-3."
    )

    def get_fields(self) -> dict[str, serializers.Field]:
        return {**super().get_fields(), **{name: _field(option) for name, option in SITE_OPTIONS.items()}}

    @property
    def run_settings(self) -> RunSettings:
        """The settings sent, once valid."""
        return RunSettings.from_input(self.validated_data)

    @property
    def run_name(self) -> str:
        return self.validated_data.get("name") or runs.propose_name(self.validated_data["architecture"])


def _field(option: Option) -> serializers.Field:
    with translation.override("en"):  # the schema is in English
        sent: dict[str, Any] = {"help_text": str(option.help) or None}
    if not option.is_required:
        sent |= {"required": False, "allow_null": True} if option.default is None else {"default": option.default}
    limits = {"min_value": option.minimum, "max_value": option.maximum}
    match option.kind:
        case "choice":
            return serializers.ChoiceField(choices=option.choices, **sent)
        case "integer":
            return serializers.IntegerField(**limits, **sent)
        case "number":
            return serializers.FloatField(**limits, **sent)
        case "version":
            return VersionNameField(**sent)
        case "versions":
            return serializers.ListField(child=VersionNameField(), max_length=20, **sent)
    return StrictBooleanField(**sent)


@extend_schema(tags=["training"], responses=error_responses(HTTPStatus.FORBIDDEN))
class RunViewSet(ReadOnlyModelViewSet[TrainingRun]):
    """Reading needs the permission to view, starting the one to add, cancelling and resuming the one to change."""

    queryset = TrainingRun.objects.select_related("version")
    lookup_value_converter = "uuid"

    def get_permissions(self) -> list[BasePermission]:
        needed = has_permission(_PERMISSIONS.get(self.action or "", "training.view_trainingrun"))
        return [permission() for permission in (*STAFF, needed)]

    def get_serializer_class(self) -> type[RunSerializer]:
        return RunSerializer if self.action == "list" else WatchedRunSerializer

    def get_queryset(self) -> QuerySet[TrainingRun]:
        rows = super().get_queryset()
        return rows if self.action == "list" else rows.prefetch_related("epoch_rows")

    @extend_schema(responses={200: RunSerializer(many=True), **error_responses(HTTPStatus.FORBIDDEN)})
    def list(self, request: Request) -> Response:
        """Runs, newest first."""
        return super().list(request)

    @extend_schema(responses={200: WatchedRunSerializer, **error_responses(HTTPStatus.FORBIDDEN)})
    def retrieve(self, request: Request, pk: object) -> Response:
        """A run with its progress; to watch it, repeat this every few seconds."""
        return super().retrieve(request, pk)

    @extend_schema(
        request=StartRunSerializer,
        responses={201: WatchedRunSerializer, **_REFUSED, **error_responses(HTTPStatus.SERVICE_UNAVAILABLE)},
    )
    def create(self, request: Request) -> Response:
        """Queue a run; one trains at a time, in the order of the requests."""
        sent = StartRunSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        run = runs.start_run(name=sent.run_name, settings=sent.run_settings, by=request.user)
        return self._respond(run, HTTPStatus.CREATED)

    @extend_schema(request=None, responses={200: WatchedRunSerializer, **_REFUSED})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: object) -> Response:
        """Stop a run: at once where it waits, within seconds where it trains. Its checkpoint stays."""
        run = self.get_object()
        runs.cancel_run(run=run)
        return self._respond(run)

    @extend_schema(request=None, responses={200: WatchedRunSerializer, **_REFUSED})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: object) -> Response:
        """Queue a stopped run again, to continue from its last checkpoint."""
        run = self.get_object()
        runs.resume_run(run=run)
        return self._respond(run)

    def _respond(self, run: TrainingRun, status: HTTPStatus = HTTPStatus.OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=run.pk)).data, status=status)
