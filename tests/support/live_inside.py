"""A client of the consumer itself, in the test's own process, where whatever it asks can be made to fail."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from channels.testing import WebsocketCommunicator

PERSON = SimpleNamespace(pk=1)


@dataclass(frozen=True)
class Standing:
    """A sign-in that is never over."""

    may_write: bool = True

    @property
    def user(self) -> object:
        return PERSON

    @classmethod
    def still_valid(cls, sign_ins: Any) -> set[Any]:
        return set(sign_ins)


class Client(WebsocketCommunicator):
    async def say(self, message: dict[str, Any] | bytes) -> None:
        if isinstance(message, bytes):
            await self.send_to(bytes_data=message)
        else:
            await self.send_to(text_data=json.dumps(message))

    async def ask(self, message: dict[str, Any] | bytes) -> dict[str, Any]:
        await self.say(message)
        return await self.hear()

    async def hear(self) -> dict[str, Any]:
        output = await self.receive_output(5)
        return json.loads(output["text"]) if output["type"] == "websocket.send" else output
