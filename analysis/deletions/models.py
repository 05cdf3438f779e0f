"""Rows that were deleted a moment ago: hidden everywhere, until their deletion is undone or carried out."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db import models

Rows = TypeVar("Rows", bound="models.QuerySet[Any]")


class PendingDeletion(models.Model):
    """A photo, session or video that is deleted once its `job` is due; `item_id` is its id."""

    item_id = models.UUIDField(primary_key=True, editable=False)
    job = models.ForeignKey("analysis.BulkJob", on_delete=models.CASCADE, related_name="pending")

    def __str__(self) -> str:
        return f"deletion of {self.item_id}"


class VisibleManager(models.Manager[Any]):
    """The manager of rows that a user may delete: leaves out those whose deletion is pending."""

    def get_queryset(self) -> models.QuerySet[Any]:
        # NOT IN, because SQLite then looks each row's id up in the index of the ids, and there are few.
        return super().get_queryset().exclude(pk__in=PendingDeletion.objects.values("item_id"))
