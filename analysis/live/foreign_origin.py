"""Answer to a WebSocket that another site's page opens."""

from __future__ import annotations

from channels.generic.websocket import AsyncWebsocketConsumer

from analysis.live.messages import Close, encode, error


class ForeignOrigin(AsyncWebsocketConsumer):
    """Accepts only to say why it closes: a browser tells its page nothing about a handshake that failed."""

    async def connect(self) -> None:
        await self.accept()
        message = "Connections are taken from this site's own pages; a program sends a token and no Origin."
        await self.send(text_data=encode(error("foreign_origin", message)))
        await self.close(code=int(Close.FOREIGN_ORIGIN), reason="foreign_origin")
