"""API of model versions; everyone signed in may read them, staff may promote and roll back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import register_converter
from django.urls.converters import StringConverter
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from analysis.versions import services as versions
from analysis.versions.card import read_best_figures
from analysis.versions.comparison import SPLIT, VersionComparison, compare_any
from analysis.versions.models import ModelVersion
from ferproject.api.permissions import SIGNED_IN, STAFF, has_permission
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer, TextField, read_body, read_query

VIA = "api"


class VersionConverter(StringConverter):
    """URL converter of a version's name; anything that cannot be a name is not found."""

    regex = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"


register_converter(VersionConverter, "version")
_REFUSED = error_responses(HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.SERVICE_UNAVAILABLE)


class FiguresSerializer(serializers.Serializer[Any]):
    """A version's metrics on faces that it was not trained on."""

    split = serializers.CharField()
    n = serializers.IntegerField(help_text="Faces.")
    accuracy = serializers.FloatField(help_text="Share recognized as labelled, 0 to 1.")
    macro_f1 = serializers.FloatField()
    ece = serializers.FloatField(help_text="Expected calibration error.")


class VersionSerializer(serializers.ModelSerializer[ModelVersion]):
    """A version; `figures` are of the split that influenced its training least."""

    previous = serializers.CharField(source="previous.name", allow_null=True, help_text="What it replaced.")
    figures = serializers.SerializerMethodField()

    class Meta:
        model = ModelVersion
        fields = ["name", "origin", "is_active", "created_at", "activated_at", "previous", "figures"]
        read_only_fields = fields

    @extend_schema_field(FiguresSerializer(allow_null=True))
    def get_figures(self, version: ModelVersion) -> Any:
        figures = read_best_figures(version.card)
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

    default_error_messages = {
        "invalid": _("Use letters from a to z, digits, dots, hyphens and underscores. Start with a letter or digit.")
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(rf"^{VersionConverter.regex}\Z", trim_whitespace=False, **kwargs)


class RollbackSerializer(BodySerializer):
    reason = TextField(max_length=2000, required=False, allow_blank=True)


class PromoteSerializer(RollbackSerializer):
    """A reason is needed where the version is worse than the active one."""

    instead_of = VersionNameField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The active version you saw: refused with 409 where another one is active by now.",
    )


class OtherVersionSerializer(serializers.Serializer[Any]):
    other = VersionNameField(help_text="The version to compare with.")


class MetricChangeSerializer(serializers.Serializer[Any]):
    """A metric of the other version (`before`) and of this one (`after`), 0 to 1, null without such rows."""

    name = serializers.CharField(help_text="accuracy, votes, or the expression whose recall it is.")
    n = serializers.IntegerField(help_text="Rows.")
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)
    points = serializers.FloatField(allow_null=True, help_text="Percentage points gained.")


class VersionComparisonSerializer(serializers.Serializer[VersionComparison]):
    """Two versions on the same rows; without `metrics`, `why_not` says why they cannot be compared."""

    version = serializers.CharField()
    other = serializers.CharField(source="active")
    split = serializers.SerializerMethodField()
    why_not = serializers.CharField()
    metrics = MetricChangeSerializer(many=True)

    def get_split(self, comparison: VersionComparison) -> str:
        return SPLIT


@extend_schema(tags=["versions"])
class VersionViewSet(ReadOnlyModelViewSet[ModelVersion]):
    """Versions of the network; the one with `is_active` serves."""

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

    @extend_schema(parameters=[OtherVersionSerializer], responses=VersionComparisonSerializer)
    @action(detail=True)
    def comparison(self, request: Request, name: str) -> Response:
        """Compare this version with any other, from their cards."""
        wanted = read_query(OtherVersionSerializer, request)["other"]
        other = get_object_or_404(self.get_queryset(), name=wanted)
        return Response(VersionComparisonSerializer(compare_any(self.get_object(), other)).data)

    @extend_schema(request=PromoteSerializer, responses={200: VersionWithCardSerializer, **_REFUSED})
    @action(detail=True, methods=["post"])
    def promote(self, request: Request, name: str) -> Response:
        """Activate this version after a smoke test. Staff only."""
        version = self.get_object()
        body = read_body(PromoteSerializer, request)
        versions.promote_version(version=version, actor=request.user, via=VIA, **body)
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=RollbackSerializer, responses={200: VersionWithCardSerializer, **_REFUSED})
    @action(detail=True, methods=["post"])
    def rollback(self, request: Request, name: str) -> Response:
        """Roll back this version, which must be active: activate and return the one it replaced. Staff only."""
        version = self.get_object()
        body = read_body(RollbackSerializer, request)
        activated = versions.roll_back(actor=request.user, instead_of=version.name, via=VIA, **body)
        return Response(self.get_serializer(self.get_queryset().get(pk=activated.pk)).data)
