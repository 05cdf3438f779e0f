"""Open live connections of all web processes."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class LiveConnection(models.Model):
    """An open connection. A session that it records has its `token` in `Session.token`."""

    token = models.UUIDField(primary_key=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="live_connections")
    process = models.CharField(max_length=100, help_text="See ferproject.queue.processes.identify_process.")
    seen_at = models.DateTimeField(default=timezone.now, help_text="When its process last sent a heartbeat.")

    def __str__(self) -> str:
        return f"live connection {self.token}"
