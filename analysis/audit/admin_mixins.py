"""Admin pages of other people's things note who opened them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from analysis.audit.services import record_look


class LooksAreRecorded(admin.ModelAdmin):
    """Every page of one row begins with `get_object`; lists show no more than who and when, and are not noted."""

    def owner_id_of(self, row: Any) -> int:
        """Return whose row it is."""
        raise NotImplementedError

    def look_at(self, row: Any) -> str:
        """Return what the log calls the row; nothing where it is the account itself."""
        return f"{self.opts.verbose_name} {row.pk}"

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Model | None:
        row = super().get_object(request, object_id, from_field)
        if row is not None and self.has_view_or_change_permission(request, row):
            record_look(actor=request.user, owner_id=self.owner_id_of(row), what=self.look_at(row))
        return row
