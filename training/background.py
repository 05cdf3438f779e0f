"""What workers do for runs and transfers besides their tasks; loaded when it is first needed, not at every start."""

from training.runs.queue import sweep_runs
from training.runs.worker import worker_stops
from training.transfers.services import sweep_transfers

__all__ = ["sweep_runs", "sweep_transfers", "worker_stops"]
