"""A client of the site's REST API and live connection: httpx and websockets; docs/client.md describes it."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from analysis.client.asynchronous import AsyncClient
    from analysis.client.asynchronous_live import AsyncLive
    from analysis.client.errors import ApiError, LiveError
    from analysis.client.live_messages import LiveAnswer
    from analysis.client.synchronous import Client
    from analysis.client.synchronous_live import Live

__all__ = ["ApiError", "AsyncClient", "AsyncLive", "Client", "Live", "LiveAnswer", "LiveError"]
_MODULES = {
    "ApiError": "errors",
    "AsyncClient": "asynchronous",
    "AsyncLive": "asynchronous_live",
    "Client": "synchronous",
    "Live": "synchronous_live",
    "LiveAnswer": "live_messages",
    "LiveError": "errors",
}


def __getattr__(name: str) -> Any:
    """Import a name when it is used: the site has the live messages from here, and no httpx."""
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
