"""ASGI application served by Daphne."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ferproject.settings")
_http = get_asgi_application()

# Models can be imported only now.
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from channels.security.websocket import WebsocketDenier  # noqa: E402
from django.urls import re_path  # noqa: E402

from accounts.websocket_auth import SocketSignInMiddleware  # noqa: E402
from analysis.live.consumers import ForeignOriginConsumer  # noqa: E402
from analysis.live.routing import websocket_urlpatterns  # noqa: E402
from ferproject.server.health import HealthChecks, load_checks  # noqa: E402
from ferproject.server.origins import OwnOriginValidator  # noqa: E402

_websockets = SocketSignInMiddleware(URLRouter([*websocket_urlpatterns, re_path("", WebsocketDenier.as_asgi())]))
application = ProtocolTypeRouter(
    {
        "http": HealthChecks(_http, load_checks()),
        "websocket": OwnOriginValidator(_websockets, reject=ForeignOriginConsumer.as_asgi()),
    },
)
