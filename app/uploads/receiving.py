"""The body of a request, from the network to the disk, piece by piece: memory does not grow with the file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.requests import ClientDisconnect

from app.api.rooms import in_upload_thread
from app.errors import AppError
from app.uploads.arrivals import Arrival
from app.uploads.faults import DiskNearlyFull
from app.uploads.stretch import Stretch

PIECE_BYTES = 256 * 1024
SILENCE_S = 60.0
"""A client that sends nothing for so long has lost its link: its upload is let go, so that it can go on with it."""


class ClientAway(AppError):
    """The client stopped sending."""

    status = 408
    title = "Timed out"


class Writer(Protocol):
    """Where pieces go; called from one thread at a time."""

    def write(self, piece: bytes) -> None:
        """Append bytes."""


@dataclass(frozen=True, slots=True)
class Received:
    """How far an upload has come. arrival: what became of the file, where it is whole."""

    offset_bytes: int
    arrival: Arrival | None


async def receive(begin: Callable[[], Stretch], chunks: AsyncIterator[bytes]) -> Received:
    """Write the bytes of a request to an upload; those that came are safe even where the client goes away.

    Raises:
        AppError: as `Stretch` does.
        ClientAway: not all of them came.
    """
    stretch = await in_upload_thread(begin)
    try:
        await _fill(stretch, chunks)
        arrival = await in_upload_thread(stretch.end)
    except (ClientAway, DiskNearlyFull):
        await in_upload_thread(stretch.break_off)
        raise
    except asyncio.CancelledError:
        stretch.break_off()  # the service is stopping: there is no time for other threads
        raise
    finally:
        stretch.close()
    return Received(stretch.offset_bytes, arrival)


async def pieces_of(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Chunks as they come from the network, as pieces that are worth a write.

    Raises:
        ClientAway: the client went away or fell silent; the piece before holds all that came.
    """
    piece, away = bytearray(), None
    while True:
        try:
            async with asyncio.timeout(SILENCE_S):
                chunk = await anext(chunks, None)
        except (ClientDisconnect, TimeoutError) as error:
            reason = "the link broke" if isinstance(error, ClientDisconnect) else f"nothing came for {SILENCE_S:.0f} s"
            chunk, away = None, ClientAway(f"{reason}; go on from the offset")
        piece += chunk or b""
        if piece and (chunk is None or len(piece) >= PIECE_BYTES):
            yield bytes(piece)
            piece.clear()
        if away is not None:
            raise away
        if chunk is None:
            return


async def _fill(writer: Writer, chunks: AsyncIterator[bytes]) -> None:
    async for piece in pieces_of(chunks):
        await in_upload_thread(writer.write, piece)
