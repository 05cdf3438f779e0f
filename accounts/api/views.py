"""API endpoint of the signed-in user."""

from __future__ import annotations

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.api.serializers import ChangeMeSerializer, MeSerializer
from accounts.models import ApiToken
from accounts.notices.services import change_email_notices


@extend_schema(tags=["me"])
class MeView(APIView):
    """Your account, and the token you use."""

    @extend_schema(responses=MeSerializer, operation_id="me_retrieve")
    def get(self, request: Request) -> Response:
        request.user.token = request.auth if isinstance(request.auth, ApiToken) else None
        return Response(MeSerializer(request.user).data)

    @extend_schema(request=ChangeMeSerializer, responses=MeSerializer, operation_id="me_update")
    def patch(self, request: Request) -> Response:
        """Change your time zone or language, or whether you get emails about finished work."""
        serializer = ChangeMeSerializer(data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        if "time_zone" in serializer.validated_data:
            services.change_time_zone(user=request.user, time_zone=serializer.validated_data["time_zone"])
            timezone.activate(request.user.zone)
        if "language" in serializer.validated_data:
            services.change_language(user=request.user, language=serializer.validated_data["language"])
        if "email_notices" in serializer.validated_data:
            change_email_notices(user=request.user, wanted=serializer.validated_data["email_notices"])
        return self.get(request)
