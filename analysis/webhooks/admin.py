"""Webhooks in the admin: whose, where to and how they do; never their secret, nor the address, which may hold one."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.audit.admin import ReadOnlyAdmin, ViewRecordingAdmin
from analysis.webhooks.models import Webhook, WebhookDelivery, WebhookQuerySet


@admin.register(Webhook)
class WebhookAdmin(ReadOnlyAdmin, ViewRecordingAdmin):
    list_display = ["host", "owner", "whole_site", "state", "failing_since", "waiting", "failed", "created_at"]
    list_display_links = ["host"]
    list_select_related = ["owner"]
    search_fields = ["owner__email"]
    fields = readonly_fields = [*list_display, "sent_events", "off_at", "off_reason"]

    def owner_id_of(self, row: Webhook) -> int:
        return row.owner_id

    def get_queryset(self, request: HttpRequest) -> WebhookQuerySet:
        open_ones = [WebhookDelivery.Status.WAITING, WebhookDelivery.Status.SENDING]
        failed = [WebhookDelivery.Status.FAILED]
        counts = {
            name: Count("deliveries", filter=Q(deliveries__status__in=statuses))
            for name, statuses in (("waiting_count", open_ones), ("failed_count", failed))
        }
        return super().get_queryset(request).annotate(**counts)

    def has_delete_permission(self, request: HttpRequest, obj: Webhook | None = None) -> bool:
        return False

    @admin.display(description=gettext_lazy("host"))
    def host(self, webhook: Webhook) -> str:
        return webhook.host

    @admin.display(description=gettext_lazy("whole site"), boolean=True, ordering="is_site")
    def whole_site(self, webhook: Webhook) -> bool:
        return webhook.is_site

    @admin.display(description=gettext_lazy("state"), ordering="off_at")
    def state(self, webhook: Webhook) -> str:
        if not webhook.is_on:
            return _("Switched off after failures") if webhook.off_reason else _("Switched off")
        return _("Failing") if webhook.failing_since else _("On")

    @admin.display(description=gettext_lazy("deliveries waiting"), ordering="waiting_count")
    def waiting(self, webhook: Webhook) -> int:
        return webhook.waiting_count

    @admin.display(description=gettext_lazy("deliveries failed"), ordering="failed_count")
    def failed(self, webhook: Webhook) -> int:
        return webhook.failed_count

    @admin.display(description=gettext_lazy("events"))
    def sent_events(self, webhook: Webhook) -> str:
        return ", ".join(webhook.event_labels)
