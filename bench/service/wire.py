"""HTTP/1.1 over asyncio, as much of it as a test needs.

A response is complete or an error: what was promised by its headers has come.
"""

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from servers import RunError

HEAD_BYTES = 1 << 16
PIECE_BYTES = 1 << 16


class Lost(RunError):
    """A request got no whole answer."""


@dataclass(frozen=True)
class Message:
    """A request or a response: first line, headers (names in lower case), body.

    `raw` has all of it as it came.
    """

    first: str
    headers: Mapping[str, str]
    body: bytes
    raw: bytes

    @property
    def status(self) -> int:
        """The status of a response."""
        return int(self.first.split(" ", 2)[1])

    @property
    def closes(self) -> bool:
        """Whether the sender wants the connection closed after it."""
        return self.headers.get("connection", "").lower() == "close"


async def read_message(reader: asyncio.StreamReader) -> Message | None:
    """Reads a message, or returns None at the end of the connection.

    Raises Lost if it breaks off within a message.
    """
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise Lost(f"the connection ends within {error.partial[:80]!r}") from error
        return None
    except OSError as error:
        raise Lost(f"the connection breaks: {error!r}") from error
    first, *lines = head.decode("latin-1").strip().split("\r\n")
    parts = (line.partition(":") for line in lines)
    headers = {name.lower(): value.strip() for name, _, value in parts}
    raw = [head]
    try:
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body = await read_chunks(reader, raw)
        else:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            raw.append(body)
    except (asyncio.IncompleteReadError, OSError) as error:
        raise Lost(f"the body breaks off: {error!r}") from error
    return Message(first, headers, body, b"".join(raw))


async def read_chunks(reader: asyncio.StreamReader, raw: list[bytes]) -> bytes:
    """Reads a chunked body without trailers; adds what came to `raw`."""
    parts: list[bytes] = []
    while True:
        line = await reader.readuntil(b"\r\n")
        size = int(line, 16)
        data = await reader.readexactly(size + 2)
        raw += [line, data]
        if size == 0:
            return b"".join(parts)
        parts.append(data[:-2])


def post(path: str, body: bytes, content_type: str = "application/json") -> bytes:
    """A POST as bytes, for a connection that stays."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """A connection to a loopback port for one request after the other."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connects; raises Lost if nobody listens."""
        try:
            return cls(
                *await asyncio.open_connection("127.0.0.1", port, limit=HEAD_BYTES)
            )
        except OSError as error:
            raise Lost(f"no connection: {error!r}") from error

    async def ask(self, request: bytes) -> Message:
        """Sends a request and reads the answer; raises Lost without one.

        The answer is read while the request is still sent, as a stream needs it
        and a refusal before the end of the body too.
        """
        sending = asyncio.create_task(self._send(request))
        try:
            answer = await read_message(self.reader)
        finally:
            sending.cancel()
            await asyncio.wait([sending])
        if answer is None:
            raise Lost("the connection ends without an answer")
        return answer

    async def _send(self, request: bytes) -> None:
        # The answer may have come all the same; reading tells.
        with contextlib.suppress(OSError):
            await self.send(request)

    async def send(self, request: bytes) -> None:
        """Sends a request piece by piece, so that no copy of all is kept."""
        for start in range(0, len(request), PIECE_BYTES):
            self.writer.write(request[start : start + PIECE_BYTES])
            await self.writer.drain()

    def abort(self) -> None:
        """Closes at once, whatever is still to be sent."""
        self.writer.transport.abort()


async def stop(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancels tasks; raises what one of them has failed with before."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            raise result
