"""API of links to what a user shares."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.utils.translation import gettext
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.sharing.models import SharedLink, SharedLinkQuerySet
from analysis.sharing.services import TITLE_MAX, Item, create_link, revoke_link
from analysis.sharing.views import MODELS, shared_address
from ferproject.api.serializers import BodySerializer, TextField, read_body


class LinkSerializer(serializers.ModelSerializer[SharedLink]):
    """One of `photo`, `session` and `album` is the id of what it shows; `revoked_at` is null while it works."""

    has_password = serializers.BooleanField(source="password", help_text="Whether a password is asked for.")
    is_active = serializers.BooleanField(help_text="Neither expired nor revoked.")

    class Meta:
        model = SharedLink
        fields = [
            "id",
            "photo",
            "session",
            "album",
            "shows",
            "title",
            "has_password",
            "created_at",
            "expires_at",
            "revoked_at",
            "is_active",
        ]
        read_only_fields = fields

    def to_representation(self, link: SharedLink) -> dict[str, Any]:
        return super().to_representation(link) | {"has_password": bool(link.password)}


class NewLinkSerializer(LinkSerializer):
    """A link with its address, which only this response has."""

    url = serializers.URLField(read_only=True)

    class Meta(LinkSerializer.Meta):
        fields = [*LinkSerializer.Meta.fields, "url"]
        read_only_fields = fields


class LinkCreateSerializer(BodySerializer):
    """`expires_at` is a week from now without it, and a year from now at most. Name one thing to show."""

    photo = serializers.UUIDField(required=False)
    session = serializers.UUIDField(required=False)
    album = serializers.UUIDField(required=False)
    shows = serializers.ChoiceField(choices=SharedLink.Shows.choices, required=False, default="numbers")
    expires_at = serializers.DateTimeField(required=False)
    title = TextField(max_length=TITLE_MAX, required=False, allow_blank=True)
    password = TextField(max_length=1000, required=False, allow_blank=True, write_only=True)


@extend_schema_view(
    list=extend_schema(operation_id="links_list"),
    retrieve=extend_schema(operation_id="links_retrieve"),
    destroy=extend_schema(
        operation_id="links_revoke", description="Revokes the link, which shows nothing from now on."
    ),
)
@extend_schema(tags=["links"])
class LinkViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet):
    """Links by which people without an account see one photo's result, one session or one album."""

    serializer_class = LinkSerializer
    lookup_value_converter = "uuid"
    queryset = SharedLink.objects.none()

    def get_queryset(self) -> SharedLinkQuerySet:
        return SharedLink.objects.owned_by(self.request.user)

    @extend_schema(request=LinkCreateSerializer, responses={201: NewLinkSerializer}, operation_id="links_create")
    def create(self, request: Request) -> Response:
        values = read_body(LinkCreateSerializer, request)
        item = self._item(values)
        values.setdefault("expires_at", dt.datetime.now(dt.UTC) + dt.timedelta(days=7))
        new = create_link(owner=request.user, item=item, **values)
        content = LinkSerializer(new.link).data | {"url": shared_address(request, new.secret)}
        return Response(content, status=status.HTTP_201_CREATED)

    def perform_destroy(self, link: SharedLink) -> None:
        revoke_link(link=link, by=self.request.user)

    def _item(self, values: dict[str, Any]) -> Item:
        """Take the id of what is shared out of the values; return the row."""
        named: dict[str, uuid.UUID] = {kind: values.pop(kind) for kind in MODELS if values.get(kind)}
        if len(named) != 1:
            raise ValidationError({"photo": [gettext("Give one of photo, session and album.")]})
        ((kind, pk),) = named.items()
        rows = MODELS[kind].objects.owned_by(self.request.user)
        item: Item | None = (rows.albums() if kind == "album" else rows).filter(pk=pk).first()
        if item is None:
            raise ValidationError({kind: [gettext("Nothing of yours has this id.")]})
        return item
