"""Prometheus metrics of a web process, served on loopback; imported where `METRICS_PORT` is set only."""

from __future__ import annotations

import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware
from django.utils.module_loading import import_string
from prometheus_client import Counter, Histogram, start_http_server

from ferproject.middleware import Response, around

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REQUESTS = Counter("fer_http_requests", "Requests answered.", ["route", "method", "status"])
REQUEST_SECONDS = Histogram(
    "fer_http_request_seconds", "From the whole request to the begin of the response.", ["route", "method"]
)


@sync_and_async_middleware
def metrics_middleware(get_response: Response) -> Response:
    """Count requests, and how long they take, by the name of their route."""
    return around(get_response, lambda request: time.perf_counter(), _observe)


def serve_metrics(port: int) -> None:
    """Serve /metrics on a port of this machine, on a thread; raise `OSError` where it is taken."""
    for path in settings.METRICS:
        import_string(path)()
    start_http_server(port, addr="127.0.0.1")


def _observe(request: HttpRequest, response: HttpResponse, began: float) -> HttpResponse:
    method = request.method if request.method in METHODS else "other"
    route = _route(request)
    REQUEST_SECONDS.labels(route, method).observe(time.perf_counter() - began)
    REQUESTS.labels(route, method, response.status_code).inc()
    return response


def _route(request: HttpRequest) -> str:
    # An address may name a person's things; a route's name does not.
    if (match := request.resolver_match) is not None:
        return match.view_name or match.route or "unnamed"
    return "static" if request.path_info.startswith(settings.STATIC_URL) else "none"
