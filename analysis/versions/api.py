"""API of model versions; everyone signed in may read them, staff may promote and roll back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.urls import register_converter
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from analysis.versions import services as versions
from analysis.versions.card import SPLITS, read_figures
from analysis.versions.models import ModelVersion
from ferproject.api.permissions import SIGNED_IN, STAFF, has_permission
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer, TextField

VIA = "api"


class VersionConverter:
    """URL converter of a version's name; anything that cannot be a name is not found."""

    regex = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(VersionConverter, "version")
_REFUSED = error_responses(HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)


class FiguresSerializer(serializers.Serializer[Any]):
    """How well a version did on faces that it was not trained on."""

    split = serializers.CharField()
    n = serializers.IntegerField(help_text="Faces.")
    accuracy = serializers.FloatField(help_text="Share recognized as labelled, 0 to 1.")
    macro_f1 = serializers.FloatField()
    ece = serializers.FloatField(help_text="Expected calibration error.")


class VersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """A version; `figures` are of the first split in its card that had no say in its training."""

    previous = serializers.CharField(source="previous.name", allow_null=True, help_text="What it replaced.")
    figures = serializers.SerializerMethodField()

    class Meta:
        model = ModelVersion
        fields = ["name", "origin", "is_active", "created_at", "activated_at", "previous", "figures"]
        read_only_fields = fields

    @extend_schema_field(FiguresSerializer(allow_null=True))
    def get_figures(self, version: ModelVersion) -> Any:
        found = (read_figures(version.card, split) for split in SPLITS)
        figures = next((figures for figures in found if figures), None)
        return FiguresSerializer(figures).data if figures else None


class VersionWithCardSerializer(VersionSerializer):
    card = serializers.SerializerMethodField(help_text="All that is known of it, as its card.json says.")

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "card"]
        read_only_fields = fields

    @extend_schema_field({"type": "object", "additionalProperties": True})
    def get_card(self, version: ModelVersion) -> Any:
        return version.card


class VersionNameField(serializers.RegexField):
    """A model version's name, whether it exists or not."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(rf"^{VersionConverter.regex}\Z", trim_whitespace=False, **kwargs)


class RollbackSerializer(BodySerializer):
    reason = TextField(max_length=2000, required=False, allow_blank=True, default="")


class PromoteSerializer(RollbackSerializer):
    """A reason is needed where the version does worse than the one that serves."""

    instead_of = VersionNameField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The version you saw serving: refused with 409 where another one serves by now.",
    )


@extend_schema(tags=["versions"])
class VersionViewSet(ReadOnlyModelViewSet[ModelVersion]):
    """Versions of the network; `is_active` serves."""

    queryset = ModelVersion.objects.select_related("previous")
    serializer_class = VersionSerializer
    lookup_field = "name"
    lookup_value_converter = "version"

    def get_permissions(self) -> list[BasePermission]:
        if self.action in ("promote", "rollback"):
            return [permission() for permission in (*STAFF, has_permission("analysis.change_modelversion"))]
        return [permission() for permission in SIGNED_IN]

    def get_serializer_class(self) -> type[VersionSerializer]:
        return VersionSerializer if self.action == "list" else VersionWithCardSerializer

    @extend_schema(request=PromoteSerializer, responses={200: VersionWithCardSerializer, **_REFUSED})
    @action(detail=True, methods=["post"])
    def promote(self, request: Request, name: str) -> Response:
        """Let this version serve, once it passed its smoke test. Staff only."""
        version = self.get_object()
        asked = _read(PromoteSerializer, request)
        versions.promote_version(version=version, actor=request.user, via=VIA, **asked)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=RollbackSerializer, responses={200: VersionWithCardSerializer, **_REFUSED})
    @action(detail=True, methods=["post"])
    def rollback(self, request: Request, name: str) -> Response:
        """Take this version, which serves, back: the one that it replaced serves again, and is answered. Staff only."""
        version = self.get_object()
        asked = _read(RollbackSerializer, request)
        back = versions.roll_back(actor=request.user, instead_of=version.name, via=VIA, **asked)
        return Response(self.get_serializer(self.get_queryset().get(pk=back.pk)).data)


def _read(serializer_class: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)
