"""HTTP/1.1 over asyncio, as much of it as a test needs.

Sockets rather than asyncio's streams: a stream whose writing fails loses the
answer that has come already.
"""

import asyncio
import contextlib
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Self

from servers import RunError

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
        """Whether the sender closes the connection after it."""
        return self.headers.get("connection", "").lower() == "close"


def post(path: str, body: bytes, content_type: str = "application/json") -> bytes:
    """A POST as bytes, for a connection that stays."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Connection:
    """A connection, for one message after the other."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self._came = bytearray()

    @classmethod
    async def open(cls, port: int) -> Self:
        """Connects to a loopback port; raises Lost if nobody listens."""
        sock = socket.socket()
        connection = cls(sock)
        loop = asyncio.get_running_loop()
        try:
            await loop.sock_connect(sock, ("127.0.0.1", port))
        except OSError as error:
            sock.close()
            raise Lost(f"no connection: {error!r}") from error
        except asyncio.CancelledError:
            sock.close()
            raise
        return connection

    async def send(self, data: bytes) -> None:
        """Sends all of it."""
        await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def receive(self) -> bytes:
        """Some bytes, or none at the end of the connection."""
        return await asyncio.get_running_loop().sock_recv(self.sock, PIECE_BYTES)

    def is_ended(self) -> bool:
        """Whether the other side has closed an idle connection."""
        try:
            return not self.sock.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def close(self) -> None:
        """Closes at once, whatever is still to be sent."""
        self.sock.close()

    async def ask(self, request: bytes) -> Message:
        """Sends a request and reads the answer; raises Lost without one.

        The answer is read while the request is still sent, as a stream needs it
        and a refusal before the end of the body too.
        """
        sending = asyncio.create_task(self._send_what_is_taken(request))
        try:
            answer = await self.read()
        finally:
            sending.cancel()
            await asyncio.wait([sending])
        if answer is None:
            raise Lost("the connection ends without an answer")
        return answer

    async def _send_what_is_taken(self, request: bytes) -> None:
        # Reading tells what a server says that does not take all.
        with contextlib.suppress(OSError):
            await self.send(request)

    async def read(self) -> Message | None:
        """A message, or None at the end of the connection.

        Raises Lost if the connection ends or breaks within a message.
        """
        try:
            head = await self._until(b"\r\n\r\n")
            if not head:
                return None
            first, *lines = head.decode("latin-1").strip().split("\r\n")
            parts = (line.partition(":") for line in lines)
            headers = {name.lower(): value.strip() for name, _, value in parts}
            if headers.get("transfer-encoding", "").lower() == "chunked":
                body, raw = await self._chunks()
            else:
                raw = await self._exactly(int(headers.get("content-length", "0")))
                body = raw
        except OSError as error:
            raise Lost(f"the connection breaks: {error!r}") from error
        return Message(first, headers, body, head + raw)

    async def _chunks(self) -> tuple[bytes, bytes]:
        """A chunked body without trailers, as it is meant and as it came."""
        body, raw = bytearray(), bytearray()
        while True:
            line = await self._until(b"\r\n")
            if not line:
                raise Lost("the body ends before its last chunk")
            size = int(line, 16)
            data = await self._exactly(size + 2)
            raw += line + data
            if size == 0:
                return bytes(body), bytes(raw)
            body += data[:-2]

    async def _until(self, end: bytes) -> bytes:
        """All up to an end; nothing if the connection ends before it begins."""
        while (index := self._came.find(end)) < 0:
            if not (came := await self.receive()):
                if self._came:
                    raise Lost(f"the connection ends after {bytes(self._came[:80])!r}")
                return b""
            self._came += came
        return self._take(index + len(end))

    async def _exactly(self, size: int) -> bytes:
        while len(self._came) < size:
            if not (came := await self.receive()):
                raise Lost(f"{size - len(self._came):,} bytes of a body are missing")
            self._came += came
        return self._take(size)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._came[:size])
        del self._came[:size]
        return taken


async def stop(tasks: Collection[asyncio.Task[None]]) -> None:
    """Ends tasks; raises what one of them has failed with before."""
    pending = set(tasks)
    # Again and again: before Python 3.12 `wait_for` can swallow a cancellation.
    while pending:
        for task in pending:
            task.cancel()
        _, pending = await asyncio.wait(pending, timeout=1)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()):
            raise error
