"""Training runs as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analysis.versions.api import VersionNameField
from ferproject.api.serializers import BodySerializer, StrictBooleanField
from training.models import RunEpoch, TrainingRun
from training.run_settings import SITE_OPTIONS, Option, RunSettings
from training.runs import services as runs
from training.runs.presentation import waiting_reason

_HIDDEN = {"data", "votes_data"}
"""Paths on the server."""


class EpochSerializer(serializers.ModelSerializer[RunEpoch]):
    class Meta:
        model = RunEpoch
        fields = ["number", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
        read_only_fields = fields


class RunSerializer(serializers.ModelSerializer[TrainingRun]):
    """A run; `epoch` of `epochs` are done, and `progress` counts the batches of the next one too."""

    progress = serializers.FloatField(help_text="0 to 1.")
    settings = serializers.SerializerMethodField(help_text="As asked for; null: the architecture's own.")
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
    """A run with its epochs' figures, its last lines, and why nothing moves where nothing does."""

    waiting_reason = serializers.SerializerMethodField()
    epoch_figures = EpochSerializer(source="epoch_rows", many=True)

    class Meta(RunSerializer.Meta):
        fields = [*RunSerializer.Meta.fields, "waiting_reason", "images_per_second", "log", "epoch_figures"]
        read_only_fields = fields

    def get_waiting_reason(self, run: TrainingRun) -> str:
        return waiting_reason(run=run)


class StartRunSerializer(BodySerializer):
    """What is left out, or null, is as the architecture's recipe says."""

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
    sent: dict[str, Any] = {"help_text": option.help or None}
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
