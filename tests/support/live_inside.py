"""A client of the consumer in the test's own process, where its dependencies can be patched."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from channels.testing import WebsocketCommunicator

USER = SimpleNamespace(pk=1)


@dataclass(frozen=True)
class ValidSignIn:
    """A sign-in that is always valid."""

    may_write: bool = True

    @property
    def user(self) -> object:
        return USER

    @classmethod
    def still_valid(cls, sign_ins: Any) -> set[Any]:
        return set(sign_ins)


class Client(WebsocketCommunicator):
    async def send_message(self, message: dict[str, Any] | bytes) -> None:
        if isinstance(message, bytes):
            await self.send_to(bytes_data=message)
        else:
            await self.send_to(text_data=json.dumps(message))

    async def request(self, message: dict[str, Any] | bytes) -> dict[str, Any]:
        await self.send_message(message)
        return await self.receive_message()

    async def receive_message(self) -> dict[str, Any]:
        output = await self.receive_output(5)
        return json.loads(output["text"]) if output["type"] == "websocket.send" else output
