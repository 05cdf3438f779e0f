from __future__ import annotations

from django.apps import AppConfig


class TrainingAppConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from training import startup

        startup.connect()
