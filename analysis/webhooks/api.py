"""API of webhooks and their deliveries."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.webhooks import services
from analysis.webhooks.models import URL_MAX, DeliveryQuerySet, Event, Webhook, WebhookDelivery, WebhookQuerySet
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer, TextField, read_body, read_query

_REFUSED = error_responses(HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT)


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """`off_reason` says why the site switched it off; it is empty where you did."""

    is_on = serializers.BooleanField(read_only=True)
    events = serializers.ListField(child=serializers.ChoiceField(choices=Event.choices), read_only=True)
    off_reason = serializers.CharField(read_only=True)

    class Meta:
        model = Webhook
        fields = ["id", "url", "events", "is_site", "created_at", "is_on", "failing_since", "off_at", "off_reason"]
        read_only_fields = fields


class NewWebhookSerializer(WebhookSerializer):
    """A webhook with its secret, which only this response has."""

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]
        read_only_fields = fields


@extend_schema_field({"type": "string", "format": "uri", "maxLength": URL_MAX})
class AddressField(TextField):
    """A webhook's address; which ones are taken, docs/webhooks.md says."""


class WebhookCreateSerializer(BodySerializer):
    """`is_site`, for administrators alone, registers it for everybody's events."""

    url = AddressField(max_length=URL_MAX)
    events = serializers.ListField(child=serializers.ChoiceField(choices=Event.choices), min_length=1, max_length=20)
    is_site = serializers.BooleanField(required=False, default=False)


class WebhookChangeSerializer(BodySerializer):
    url = AddressField(max_length=URL_MAX, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=Event.choices), min_length=1, max_length=20, required=False
    )
    is_on = serializers.BooleanField(required=False)


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """`id` is the `webhook-id` of its requests; `due_at` is when a waiting one is sent again."""

    http_status = serializers.IntegerField(read_only=True, allow_null=True)
    answer = serializers.CharField(read_only=True)
    error = serializers.CharField(read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = ["id", "webhook", "event", "body", "status", "created_at", "due_at", "sent_at", "attempts"]
        fields += ["http_status", "answer", "error"]
        read_only_fields = fields


@extend_schema_view(
    list=extend_schema(operation_id="webhooks_list"),
    retrieve=extend_schema(operation_id="webhooks_retrieve"),
    destroy=extend_schema(operation_id="webhooks_delete", description="Deletes the webhook and its deliveries."),
)
@extend_schema(tags=["webhooks"])
class WebhookViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet):
    """Addresses that receive your events, signed as standardwebhooks.com describes."""

    serializer_class = WebhookSerializer
    lookup_value_converter = "uuid"
    queryset = Webhook.objects.none()

    def get_queryset(self) -> WebhookQuerySet:
        return Webhook.objects.owned_by(self.request.user)

    @extend_schema(
        request=WebhookCreateSerializer,
        responses={201: NewWebhookSerializer, **_REFUSED},
        operation_id="webhooks_create",
    )
    def create(self, request: Request) -> Response:
        webhook = services.create_webhook(owner=request.user, **read_body(WebhookCreateSerializer, request))
        return Response(NewWebhookSerializer(webhook).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        request=WebhookChangeSerializer,
        responses={200: WebhookSerializer, **_REFUSED},
        operation_id="webhooks_change",
        description="Changes what is given; `is_on` switches it off and on.",
    )
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        webhook = self.get_object()
        services.change_webhook(webhook=webhook, **read_body(WebhookChangeSerializer, request))
        return Response(WebhookSerializer(webhook).data)

    def perform_destroy(self, webhook: Webhook) -> None:
        services.delete_webhook(webhook=webhook)

    @extend_schema(request=None, responses=NewWebhookSerializer, operation_id="webhooks_renew_secret")
    @action(detail=True, methods=["post"])
    def secret(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Replace the secret; the former one signs nothing more."""
        webhook = self.get_object()
        services.renew_secret(webhook=webhook)
        return Response(NewWebhookSerializer(webhook).data)

    @extend_schema(request=None, responses={201: DeliverySerializer, **_REFUSED}, operation_id="webhooks_test")
    @action(detail=True, methods=["post"])
    def test(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send an event of type `test`."""
        delivery = services.send_test(webhook=self.get_object())
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_201_CREATED)


class DeliveryQuery(serializers.Serializer[Any]):
    webhook = serializers.UUIDField(required=False, help_text="Those of one webhook.")


@extend_schema_view(
    list=extend_schema(operation_id="webhook_deliveries_list", parameters=[DeliveryQuery]),
    retrieve=extend_schema(operation_id="webhook_deliveries_retrieve"),
)
@extend_schema(tags=["webhooks"])
class DeliveryViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, GenericViewSet):
    """Events for your webhooks of the last 30 days, with what the receivers answered, newest first."""

    serializer_class = DeliverySerializer
    lookup_value_converter = "uuid"
    queryset = WebhookDelivery.objects.none()

    def get_queryset(self) -> DeliveryQuerySet:
        rows = WebhookDelivery.objects.owned_by(self.request.user)
        return rows.filter(**read_query(DeliveryQuery, self.request)) if self.action == "list" else rows

    @extend_schema(request=None, responses={200: DeliverySerializer, **_REFUSED}, operation_id="webhook_resend")
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Send it again, under the same `webhook-id`; one that waits is sent at once."""
        delivery = self.get_object()
        services.resend_delivery(delivery=delivery)
        return Response(DeliverySerializer(delivery).data)
