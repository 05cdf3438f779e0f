"""API of faces and their corrections."""

from __future__ import annotations

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis.corrections.services import correct_face
from analysis.emotion_fields import EMOTION_CHOICES
from analysis.photos.models import Face
from analysis.photos.serializers import CorrectionSerializer, FaceSerializer
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer


class CorrectSerializer(BodySerializer):
    emotion = serializers.ChoiceField(choices=EMOTION_CHOICES)


class FaceView(APIView):
    """One face of one of your photos' current results."""

    @extend_schema(responses=FaceSerializer, operation_id="faces_retrieve", tags=["faces"])
    def get(self, request: Request, pk: int) -> Response:
        return Response(FaceSerializer(_get_face(request, pk)).data)


class CorrectionView(APIView):
    """The expression of a face according to you.

    It is for training where your consent to training is active when you make it; a later consent leaves it private.
    """

    @extend_schema(
        request=CorrectSerializer,
        responses={200: CorrectionSerializer, **error_responses(409)},
        operation_id="faces_correct",
        tags=["faces"],
    )
    def put(self, request: Request, pk: int) -> Response:
        body = CorrectSerializer(data=request.data)
        face = _get_face(request, pk)
        body.is_valid(raise_exception=True)
        correction = correct_face(face=face, by=request.user, emotion=body.validated_data["emotion"])
        return Response(CorrectionSerializer(correction).data)

    @extend_schema(request=None, responses={204: None}, operation_id="faces_withdraw_correction", tags=["faces"])
    def delete(self, request: Request, pk: int) -> Response:
        face = _get_face(request, pk)
        if hasattr(face, "correction"):
            face.correction.delete()
        return Response(status=204)


def _get_face(request: Request, pk: int) -> Face:
    faces = Face.objects.owned_by(request.user).current().select_related("analysis", "correction__consent")
    return get_object_or_404(faces, pk=pk)
