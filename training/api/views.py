"""Training runs, for staff: start one, watch it, cancel and resume it."""

from __future__ import annotations

from http import HTTPStatus

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from ferproject.api.permissions import STAFF, has_permission
from ferproject.api.schema import error_responses
from training.api.serializers import RunSerializer, StartRunSerializer, WatchedRunSerializer
from training.models import TrainingRun
from training.runs import services as runs

_PERMISSIONS = {"create": "training.add_trainingrun", "cancel": "training.change_trainingrun"}
_PERMISSIONS["resume"] = _PERMISSIONS["cancel"]
_REFUSED = error_responses(HTTPStatus.CONFLICT, HTTPStatus.FORBIDDEN)


@extend_schema(tags=["training"], responses=error_responses(HTTPStatus.FORBIDDEN))
class RunViewSet(ReadOnlyModelViewSet[TrainingRun]):
    """To look takes the permission to view, to start the one to add, to cancel and resume the one to change."""

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
        """Runs, the newest first."""
        return super().list(request)

    @extend_schema(responses={200: WatchedRunSerializer, **error_responses(HTTPStatus.FORBIDDEN)})
    def retrieve(self, request: Request, pk: object) -> Response:
        """Watch a run: ask again every few seconds."""
        return super().retrieve(request, pk)

    @extend_schema(
        request=StartRunSerializer,
        responses={201: WatchedRunSerializer, **_REFUSED, **error_responses(HTTPStatus.SERVICE_UNAVAILABLE)},
    )
    def create(self, request: Request) -> Response:
        """Start a run: a worker trains one at a time, in the order they were asked for."""
        asked = StartRunSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        run = runs.start_run(name=asked.run_name, settings=asked.run_settings, by=request.user)
        return self._answer(run, HTTPStatus.CREATED)

    @extend_schema(request=None, responses={200: WatchedRunSerializer, **_REFUSED})
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: object) -> Response:
        """Stop a run: at once where it waits, within seconds where it trains. What was learnt is kept."""
        run = self.get_object()
        runs.cancel_run(run=run)
        return self._answer(run)

    @extend_schema(request=None, responses={200: WatchedRunSerializer, **_REFUSED})
    @action(detail=True, methods=["post"])
    def resume(self, request: Request, pk: object) -> Response:
        """Queue a stopped run again, to go on from its last checkpoint."""
        run = self.get_object()
        runs.resume_run(run=run)
        return self._answer(run)

    def _answer(self, run: TrainingRun, status: HTTPStatus = HTTPStatus.OK) -> Response:
        return Response(self.get_serializer(self.get_queryset().get(pk=run.pk)).data, status=status)
