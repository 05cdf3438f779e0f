"""Serializers of faces."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from analysis.emotion_fields import EMOTION_CHOICES, PROBABILITIES_SCHEMA
from analysis.photos.models import Face
from analysis.recognition.emotions import by_emotion
from analysis.recognition.quality import QualityWarning


class BoxSerializer(serializers.Serializer[Face]):
    """A box in pixels of the upright original."""

    x = serializers.FloatField()
    y = serializers.FloatField()
    width = serializers.FloatField()
    height = serializers.FloatField()


class CorrectionSerializer(serializers.ModelSerializer[Any]):
    """What a face shows according to its owner; `is_for_training` with the owner's consent when it was made."""

    class Meta:
        # Corrections are in a higher layer than photos, so the model is not imported.
        model = Face._meta.get_field("correction").related_model
        fields = ["emotion", "said", "model", "status", "is_for_training", "created_at"]
        read_only_fields = fields


class FaceSerializer(serializers.ModelSerializer[Face]):
    """A face of a photo. `score` is the detector's confidence, `margin` the lead of the most probable expression.

    `emotion` is as the version answered, `corrected_emotion` as you corrected it: the same without a correction, null
    where you cannot tell. `is_included` is false once you said that it is not a face; `is_marked` faces you marked.

    `doubts` are why a result is uncertain: two expressions are close, or the face is small, blurred, dark, turned,
    bowed, raised or cut off by the picture's border.
    """

    box = BoxSerializer(source="*")
    probabilities = serializers.SerializerMethodField()
    margin = serializers.FloatField(source="value.margin")
    is_uncertain = serializers.BooleanField(source="value.is_uncertain")
    doubts = serializers.ListField(
        child=serializers.ChoiceField(choices=[str(warning) for warning in QualityWarning]),
        source="value.warnings",
        read_only=True,
    )
    corrected_emotion = serializers.SerializerMethodField()
    correction = serializers.SerializerMethodField()

    class Meta:
        model = Face
        fields = [
            "id",
            "position",
            "box",
            "score",
            "emotion",
            "confidence",
            "margin",
            "is_uncertain",
            "doubts",
            "probabilities",
            "corrected_emotion",
            "correction",
            "is_included",
            "is_marked",
        ]
        read_only_fields = fields

    @extend_schema_field(PROBABILITIES_SCHEMA)
    def get_probabilities(self, face: Face) -> dict[str, float]:
        return by_emotion(face.probabilities)

    @extend_schema_field(serializers.ChoiceField(choices=EMOTION_CHOICES, allow_null=True))
    def get_corrected_emotion(self, face: Face) -> str | None:
        return face.corrected_emotion or None

    @extend_schema_field(CorrectionSerializer(allow_null=True))
    def get_correction(self, face: Face) -> dict[str, Any] | None:
        correction = getattr(face, "correction", None)
        return None if correction is None else dict(CorrectionSerializer(correction).data)
