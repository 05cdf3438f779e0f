"""Endpoints about the one who asks."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.api.serializers import MeSerializer
from accounts.models import ApiToken


class MeView(APIView):
    """Who you are to this site, and what the token you ask with may do."""

    @extend_schema(responses=MeSerializer, operation_id="me", tags=["me"])
    def get(self, request: Request) -> Response:
        user = request.user
        user.token = request.auth if isinstance(request.auth, ApiToken) else None
        return Response(MeSerializer(user).data)
