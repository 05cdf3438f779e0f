"""A client of the site's REST API and live connection: httpx and websockets; docs/client.md describes it."""

from analysis.client.asynchronous import AsyncClient
from analysis.client.errors import ApiError
from analysis.client.synchronous import Client

__all__ = ["ApiError", "AsyncClient", "Client"]
