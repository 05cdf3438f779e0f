"""Training runs as JSON."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analysis.versions.api import VersionNameField
from ferproject.api.serializers import BodySerializer, StrictBooleanField
from training.learning.data.augmentation import AUGMENTATIONS
from training.learning.recipes import PRECISIONS, RECIPES
from training.models import RunEpoch, TrainingRun
from training.runs import services as runs
from training.runs.settings import RunSettings
from training.runs.waiting_reason import waiting_reason

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
    architecture = serializers.ChoiceField(choices=list(RECIPES))
    epochs = serializers.IntegerField(min_value=1, max_value=1000, required=False, allow_null=True)
    learning_rate = serializers.FloatField(min_value=1e-8, max_value=10, required=False, allow_null=True)
    batch_size = serializers.IntegerField(min_value=1, max_value=4096, required=False, allow_null=True)
    augmentation = serializers.ChoiceField(choices=list(AUGMENTATIONS), required=False, allow_null=True)
    seed = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0)
    limit = serializers.IntegerField(
        min_value=10, max_value=2**31 - 1, required=False, allow_null=True, help_text="First rows of each split only."
    )
    precision = serializers.ChoiceField(choices=list(PRECISIONS), required=False, allow_null=True)
    start_from = VersionNameField(
        required=False, allow_null=True, help_text="Version of the same architecture whose weights to begin with."
    )
    teachers = serializers.ListField(
        child=VersionNameField(),
        max_length=20,
        required=False,
        allow_null=True,
        default=None,
        help_text="Versions whose mean answer to learn beside the labels; named twice counts twice.",
    )
    votes = StrictBooleanField(default=False, help_text="Use the FER+ votes as a second target.")
    include_corrections = StrictBooleanField(default=False, help_text="Train on approved corrections too.")
    mirrored = StrictBooleanField(
        default=False, help_text="Answer by the mean over a face and its mirror image: twice the time."
    )

    @property
    def run_settings(self) -> RunSettings:
        """What was asked for, once valid."""
        asked = {name: value for name, value in self.validated_data.items() if name != "name"}
        return RunSettings(**{**asked, "teachers": ",".join(asked["teachers"] or []) or None})

    @property
    def run_name(self) -> str:
        return self.validated_data.get("name") or runs.propose_name(self.validated_data["architecture"])
