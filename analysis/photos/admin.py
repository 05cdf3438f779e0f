"""Photos in the admin: owner and size, never the images."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from analysis.audit.admin import ReadOnlyAdmin, ViewRecordingAdmin
from analysis.photos.models import Photo
from analysis.photos.services import delete_photos_as_staff


@admin.register(Photo)
class PhotoAdmin(ReadOnlyAdmin, ViewRecordingAdmin):
    list_display = ["id", "owner", "width", "height", "bytes", "created_at"]
    list_filter = ["created_at"]
    list_select_related = ["owner"]
    search_fields = ["owner__email"]
    fields = readonly_fields = ["id", "owner", "width", "height", "bytes", "created_at"]
    show_full_result_count = False

    def owner_id_of(self, row: Photo) -> int:
        return row.owner_id

    def delete_model(self, request: HttpRequest, obj: Photo) -> None:
        self.delete_queryset(request, Photo.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Photo]) -> None:
        delete_photos_as_staff(photos=queryset, by=request.user)
