from django.apps import AppConfig
from django.core.checks import register


class AnalysisConfig(AppConfig):
    name = "analysis"

    def ready(self) -> None:
        from analysis import checks

        register(checks.check_active_model)
        register(checks.check_detector)
