"""Faces, and what people say they really show."""

from __future__ import annotations

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis.corrections import correct_face, withdraw_correction
from analysis.models import EMOTION_CHOICES, Correction, Face
from analysis.recognition.doubts import Doubt
from analysis.recognition.emotions import EMOTIONS
from ferproject.api.schema import refusals
from ferproject.api.serializers import BodySerializer

PROBABILITIES = {
    "type": "object",
    "description": "What each expression's probability is; together they are 1.",
    "required": [str(emotion) for emotion in EMOTIONS],
    "properties": {str(emotion): {"type": "number", "minimum": 0, "maximum": 1} for emotion in EMOTIONS},
    "additionalProperties": False,
}


def by_emotion(values: Any) -> dict[str, float]:
    """Return seven values in the order of `EMOTIONS` by their names."""
    return dict(zip(map(str, EMOTIONS), values, strict=True))


class BoxSerializer(serializers.Serializer[Face]):
    """In pixels of the upright original."""

    x = serializers.FloatField()
    y = serializers.FloatField()
    width = serializers.FloatField()
    height = serializers.FloatField()


class CorrectionSerializer(serializers.ModelSerializer[Correction]):
    """Which expression a person says a face shows."""

    class Meta:
        model = Correction
        fields = ["emotion", "said", "model", "status", "created_at"]
        read_only_fields = fields


class FaceSerializer(serializers.ModelSerializer[Face]):
    """One face of a photo. `score` is how surely it is a face; `margin` how far the answer leads the runner-up.

    `doubts` say why an uncertain answer is: two expressions are close, or the face is small, blurred, dark or turned.
    """

    box = BoxSerializer(source="*")
    probabilities = serializers.SerializerMethodField()
    margin = serializers.FloatField(source="value.margin")
    is_uncertain = serializers.BooleanField(source="value.is_uncertain")
    doubts = serializers.ListField(
        child=serializers.ChoiceField(choices=[str(doubt) for doubt in Doubt]), source="value.doubts", read_only=True
    )
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
            "correction",
        ]
        read_only_fields = fields

    @extend_schema_field(PROBABILITIES)
    def get_probabilities(self, face: Face) -> dict[str, float]:
        return by_emotion(face.probabilities)

    @extend_schema_field(CorrectionSerializer(allow_null=True))
    def get_correction(self, face: Face) -> dict[str, Any] | None:
        correction = getattr(face, "correction", None)
        return None if correction is None else dict(CorrectionSerializer(correction).data)


class CorrectSerializer(BodySerializer):
    emotion = serializers.ChoiceField(choices=EMOTION_CHOICES)


class FaceView(APIView):
    """One face of one of your photos' current results."""

    @extend_schema(responses=FaceSerializer, operation_id="faces_retrieve", tags=["faces"])
    def get(self, request: Request, pk: int) -> Response:
        return Response(FaceSerializer(_own(request, pk)).data)


class CorrectionView(APIView):
    """What you say a face shows. It stays with your photo; only with your consent may this site learn from it."""

    @extend_schema(
        request=CorrectSerializer,
        responses={200: CorrectionSerializer, **refusals(409)},
        operation_id="faces_correct",
        tags=["faces"],
    )
    def put(self, request: Request, pk: int) -> Response:
        asked = CorrectSerializer(data=request.data)
        face = _own(request, pk)
        asked.is_valid(raise_exception=True)
        correction = correct_face(face=face, by=request.user, emotion=asked.validated_data["emotion"])
        return Response(CorrectionSerializer(correction).data)

    @extend_schema(
        request=None,
        responses={204: None},
        operation_id="faces_withdraw_correction",
        tags=["faces"],
    )
    def delete(self, request: Request, pk: int) -> Response:
        face = _own(request, pk)
        if (correction := getattr(face, "correction", None)) is not None:
            withdraw_correction(correction=correction)
        return Response(status=204)


def _own(request: Request, pk: int) -> Face:
    faces = Face.objects.owned_by(request.user).counting().select_related("analysis", "correction")
    return get_object_or_404(faces, pk=pk)
