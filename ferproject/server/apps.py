from __future__ import annotations

from django.apps import AppConfig


class DaphneConfig(AppConfig):
    """Daphne's `runserver`, without its own `AppConfig`, which loads Twisted and the server into every command."""

    name = "daphne"
