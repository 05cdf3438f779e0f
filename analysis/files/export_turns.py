"""Turns of exports: a person's further exports wait until their earlier ones are sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import TypeVar
from weakref import WeakValueDictionary

Chunk = TypeVar("Chunk", bytes, str)
EXPORTS_PER_USER = 2
_turns: WeakValueDictionary[int, asyncio.Semaphore] = WeakValueDictionary()


async def export_in_turn(owner_id: int, chunks: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
    """Yield the chunks of an export of `owner_id`, once fewer than `EXPORTS_PER_USER` others of the person are sent.

    Used on the event loop only. A waiting export takes no thread.
    """
    turns = _turns.setdefault(owner_id, asyncio.Semaphore(EXPORTS_PER_USER))
    async with turns, aclosing(chunks):  # type: ignore[type-var]
        async for chunk in chunks:
            yield chunk
