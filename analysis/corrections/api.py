"""API of faces, their corrections, and faces that people mark."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from analysis.corrections.models import CORRECTION_CHOICES
from analysis.corrections.services import correct_face, mark_face, unmark_face, withdraw_correction
from analysis.photos.face_models import Face
from analysis.photos.models import Photo
from analysis.photos.serializers import CorrectionSerializer, FaceSerializer
from analysis.recognition.faces import Box
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer
from ferproject.api.throttles import UploadThrottle, UserThrottle


class CorrectSerializer(BodySerializer):
    emotion = serializers.ChoiceField(
        choices=CORRECTION_CHOICES,
        help_text="The expression, the recognized one to confirm it; `cannot_tell`: the face stays and counts for no "
        "expression; or `not_a_face`: it "
        "leaves the history, exports and training until you withdraw the correction.",
    )


class MarkSerializer(BodySerializer):
    """A box in pixels of the upright original."""

    x = serializers.FloatField()
    y = serializers.FloatField()
    width = serializers.FloatField()
    height = serializers.FloatField()


class MarkView(APIView):
    """A face that the detector did not find, in the current result of one of your photos.

    What is in the box is analysed by the version that serves, as other faces are: aligned where the detector finds
    eyes, nose and mouth in it, and then with the detector's box in place of yours. A photo with an older version's
    result is analysed again as a whole.
    """

    def get_throttles(self) -> list[Any]:
        return [UserThrottle(), UploadThrottle()]

    @extend_schema(
        request=MarkSerializer,
        responses={201: FaceSerializer, **error_responses(409, 503)},
        operation_id="analyses_mark_face",
        tags=["faces"],
    )
    def post(self, request: Request, pk: uuid.UUID) -> Response:
        photo = get_object_or_404(Photo.objects.owned_by(request.user), pk=pk)
        body = MarkSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        face = mark_face(photo=photo, by=request.user, box=Box(**body.validated_data))
        return Response(FaceSerializer(face).data, status=HTTPStatus.CREATED)


class FaceView(APIView):
    """One face of one of your photos' current results; one that you marked can be deleted."""

    @extend_schema(responses=FaceSerializer, operation_id="faces_retrieve", tags=["faces"])
    def get(self, request: Request, pk: int) -> Response:
        return Response(FaceSerializer(_get_face(request, pk)).data)

    @extend_schema(
        responses={204: None, **error_responses(409)},
        operation_id="faces_unmark",
        description="Deletes a face that you marked. Others are taken out by the correction `not_a_face`.",
        tags=["faces"],
    )
    def delete(self, request: Request, pk: int) -> Response:
        unmark_face(face=_get_face(request, pk))
        return Response(status=HTTPStatus.NO_CONTENT)


class CorrectionView(APIView):
    """What a face shows according to you.

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
            withdraw_correction(correction=face.correction)
        return Response(status=HTTPStatus.NO_CONTENT)


def _get_face(request: Request, pk: int) -> Face:
    faces = Face.objects.owned_by(request.user).current().select_related("analysis", "correction__consent")
    return get_object_or_404(faces, pk=pk)
