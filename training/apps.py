from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        from ferproject import sweeper
        from training.sweeping import sweep_runs

        sweeper.register(sweep_runs)
