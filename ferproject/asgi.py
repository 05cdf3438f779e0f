"""The ASGI application that Daphne serves."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")
_pages = get_asgi_application()

# Only now are there models to import.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import WebsocketDenier  # noqa: E402
from django.urls import re_path  # noqa: E402

from accounts.websocket_auth import SocketSignInMiddleware  # noqa: E402
from analysis.live.consumers import ForeignOriginConsumer  # noqa: E402
from analysis.live.routing import websocket_urlpatterns  # noqa: E402
from ferproject.server.origins import OwnOriginValidator  # noqa: E402

_sockets = URLRouter([*websocket_urlpatterns, re_path("", WebsocketDenier.as_asgi())])
application = ProtocolTypeRouter(
    {
        "http": _pages,
        "websocket": OwnOriginValidator(SocketSignInMiddleware(_sockets), refuse=ForeignOriginConsumer.as_asgi()),
    },
)
