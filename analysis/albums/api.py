"""API of albums and tags."""

from __future__ import annotations

import uuid
from http import HTTPStatus
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import mixins, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from analysis.albums.models import Collection, CollectionQuerySet
from analysis.albums.services import NAME_MAX, create_collection, delete_collection, edit_collection
from ferproject.api.schema import error_responses
from ferproject.api.serializers import BodySerializer, TextField, read_body


class TagSerializer(serializers.ModelSerializer[Collection]):
    """`photos` and `sessions` are how many it has; list them by `album` of `/analyses/` and `/sessions/`."""

    photos = serializers.IntegerField(source="photo_count")
    sessions = serializers.IntegerField(source="session_count")

    class Meta:
        model = Collection
        fields = ["id", "name", "created_at", "photos", "sessions"]
        read_only_fields = fields


class AlbumSerializer(TagSerializer):
    """`cover` is the id of the photo chosen as its cover, null where its newest photo stands for it."""

    cover = serializers.UUIDField(source="cover_id", allow_null=True)

    class Meta(TagSerializer.Meta):
        fields = [*TagSerializer.Meta.fields, "cover"]
        read_only_fields = fields


class NameSerializer(BodySerializer):
    name = TextField(max_length=NAME_MAX)


class TagEditSerializer(BodySerializer):
    name = TextField(max_length=NAME_MAX, required=False)


class AlbumEditSerializer(TagEditSerializer):
    cover = serializers.UUIDField(allow_null=True, required=False, help_text="A photo in the album.")


class CollectionViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, mixins.DestroyModelMixin, GenericViewSet):
    """Base of the views of albums and of tags."""

    kind: ClassVar[str]
    edit_serializer: ClassVar[type[BodySerializer]]
    lookup_value_converter = "uuid"
    queryset = Collection.objects.none()

    def get_queryset(self) -> CollectionQuerySet:
        return Collection.objects.owned_by(self.request.user).filter(kind=self.kind).with_counts()

    def create(self, request: Request) -> Response:
        name = read_body(NameSerializer, request)["name"]
        made = create_collection(owner=request.user, kind=self.kind, name=name)
        return Response(self._data(made.pk), status=HTTPStatus.CREATED)

    def partial_update(self, request: Request, pk: uuid.UUID) -> Response:
        found = self.get_object()
        edit_collection(collection=found, **read_body(self.edit_serializer, request))
        return Response(self._data(found.pk))

    def perform_destroy(self, collection: Collection) -> None:
        delete_collection(collection=collection)

    def _data(self, pk: uuid.UUID) -> Any:
        return self.get_serializer(self.get_queryset().get(pk=pk)).data


@extend_schema_view(
    list=extend_schema(operation_id="albums_list"),
    retrieve=extend_schema(operation_id="albums_retrieve"),
    create=extend_schema(
        operation_id="albums_create", request=NameSerializer, responses={201: AlbumSerializer, **error_responses(409)}
    ),
    partial_update=extend_schema(
        operation_id="albums_edit",
        request=AlbumEditSerializer,
        responses={200: AlbumSerializer, **error_responses(409)},
    ),
    destroy=extend_schema(operation_id="albums_delete", description="Deletes the album, not what is in it."),
)
@extend_schema(tags=["albums"])
class AlbumViewSet(CollectionViewSet):
    """Your albums. `POST /bulk/` puts photos, sessions and videos into them."""

    kind = Collection.Kind.ALBUM
    serializer_class = AlbumSerializer
    edit_serializer = AlbumEditSerializer


@extend_schema_view(
    list=extend_schema(operation_id="tags_list"),
    retrieve=extend_schema(operation_id="tags_retrieve"),
    create=extend_schema(
        operation_id="tags_create", request=NameSerializer, responses={201: TagSerializer, **error_responses(409)}
    ),
    partial_update=extend_schema(
        operation_id="tags_edit", request=TagEditSerializer, responses={200: TagSerializer, **error_responses(409)}
    ),
    destroy=extend_schema(operation_id="tags_delete", description="Deletes the tag, not what has it."),
)
@extend_schema(tags=["albums"])
class TagViewSet(CollectionViewSet):
    """Your tags. `POST /bulk/` gives them to photos, sessions and videos."""

    kind = Collection.Kind.TAG
    serializer_class = TagSerializer
    edit_serializer = TagEditSerializer
