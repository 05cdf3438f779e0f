"""Settings of web processes, and of every process' metrics and log; `ferproject.settings` imports all of them."""

from __future__ import annotations

from ferproject.env import env_choice, env_int, env_str

SERVER_STARTED = "analysis.engine.warm_up"
SERVER_STOPPING = "analysis.live.connections.stop_connections"
"""Function that `ferproject.server.main` calls once it listens, and coroutine function it awaits before it stops."""
FIRST_PORT = env_int("FIRST_PORT", 0)
"""Port of the first of several web processes on this machine, where one of them starts; 0 for any other process."""
WEB_PROCESSES = env_int("WEB_PROCESSES", 1, minimum=1) if FIRST_PORT else 1
"""Web processes on this machine, which share its cores."""
STOP_SECONDS = env_int("STOP_SECONDS", 20)
"""How long requests under way may take once a web process is to stop; whoever kills it afterwards waits longer."""
WEBSOCKET_MAX_MESSAGE_BYTES = "analysis.live.messages.FRAME_BYTES"
READINESS_CHECKS = {
    "database": "ferproject.server.health.check_database",
    "files": "ferproject.server.health.check_files",
    "model": "analysis.engine.ready_model",
    "broker": "ferproject.queue.broker.check_broker",
}
"""Functions that raise an exception where a part of the site is away, by its name at `/readyz`."""
MAX_CONNECTIONS = env_int("MAX_CONNECTIONS", 10_000, minimum=1)
"""Open connections; fewer where the process may not open two files for each."""
CONNECTIONS_PER_ADDRESS = env_int("CONNECTIONS_PER_ADDRESS", 100, minimum=1)
"""Open connections of one client address; behind proxies, its requests in progress."""
SLOW_REQUEST_SECONDS = env_int("SLOW_REQUEST_SECONDS", 10, minimum=1)
"""How long a request's head may take, and how often the pace of its body is checked."""
SLOW_BODY_BYTES = env_int("SLOW_BODY_BYTES", 1000, minimum=1)
"""Least bytes a second of a request's body."""

METRICS_PORT = env_int("METRICS_PORT", 0)
"""Where a process serves Prometheus metrics on 127.0.0.1, the next web process one port further; 0: nowhere."""
METRICS = ["analysis.metrics.install", "training.metrics.install"]
WORKER_METRICS = ["analysis.worker_metrics.install", "training.metrics.install"]
"""Functions that register metrics where web processes and workers serve them."""

LOG_FORMAT = env_choice("LOG_FORMAT", "plain", ("plain", "json"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request_id": {"()": "ferproject.logs.RequestIdFilter"},
        "expected_errors": {"()": "ferproject.logs.ExpectedErrorFilter"},
    },
    "formatters": {
        "plain": {
            "class": "ferproject.logs.OneLineFormatter",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "{levelname}{name}{message}{request_id}",
            "style": "{",
            "rename_fields": {"levelname": "level", "name": "logger"},
            "timestamp": "time",
        },
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": LOG_FORMAT,
            "filters": ["request_id", "expected_errors"],
        }
    },
    "root": {"handlers": ["console"], "level": env_str("LOG_LEVEL", "INFO")},
    "loggers": {"django.server": {"level": "INFO"}, "daphne": {"level": "WARNING"}},
}
