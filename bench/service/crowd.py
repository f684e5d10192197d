"""Clients that do a server no good: slow, silent, idle, greedy or deaf.

Each goes on until it is cancelled, and counts in a tally what became of its
connections.
"""

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any

from batch import PATH, as_object, customers
from wire import Connection, Lost, post

Tally = Counter[str]
# A client from a port and a tally; one use of a connection, and its outcome.
Client = Callable[[int, Tally], Coroutine[Any, Any, None]]
Use = Callable[[Connection], Coroutine[Any, Any, str]]

# Just below the default of `max_body`, and far above it.
ARRAY_BYTES = (4 << 20) - 1024
STREAM_BYTES = 16 << 20
PAUSE_SECONDS = 0.5
DEAF_SECONDS = 20.0

OBJECTS = [as_object(customer) for customer in customers(1000)]
LINES = "".join(f"{text}\n" for text in OBJECTS).encode()


def array_request() -> bytes:
    """A JSON batch as large as a body may be."""
    part = ",".join(OBJECTS)
    count = ARRAY_BYTES // (len(part) + 1)
    return post(PATH, f"[{','.join([part] * count)}]".encode())


def stream_request() -> bytes:
    """An NDJSON batch larger than a body that is read as a whole may be."""
    count = STREAM_BYTES // len(LINES)
    return post(PATH, LINES * count, "application/x-ndjson")


def repeated(use: Use) -> Client:
    """A client that uses one connection after the other."""

    async def client(port: int, tally: Tally) -> None:
        while True:
            try:
                connection = await Connection.open(port)
            except Lost:
                tally["not connected"] += 1
            else:
                try:
                    tally[await use(connection)] += 1
                finally:
                    connection.close()
            await asyncio.sleep(PAUSE_SECONDS)

    return client


async def end(connection: Connection, seconds: float | None) -> str | None:
    """The status of an answer, `closed` or `reset`; None after so many seconds."""
    try:
        came = await asyncio.wait_for(connection.receive(), seconds)
    except TimeoutError:
        return None
    except OSError:
        return "reset"
    return came.split(b" ", 2)[1].decode() if came else "closed"


def greedy(request: bytes) -> Client:
    """Posts a large batch and reads the answer."""

    async def use(connection: Connection) -> str:
        try:
            answer = await connection.ask(request)
        except Lost as lost:
            return f"lost: {lost}"
        bare = answer.status == 503 and "retry-after" not in answer.headers
        return f"{answer.status} without Retry-After" if bare else str(answer.status)

    return repeated(use)


def deaf(request: bytes) -> Client:
    """Posts a large batch and reads nothing of the answer."""

    async def use(connection: Connection) -> str:
        try:
            await connection.send(request)
        except OSError:
            return "cut off"
        await asyncio.sleep(DEAF_SECONDS)
        return "sent"

    return repeated(use)


def dripping(start: bytes, rest: bytes) -> Client:
    """Sends `start` at once, and then `rest` over and over, a byte a second.

    A 200 that comes before the end of the request is the head of a stream.
    """

    async def use(connection: Connection) -> str:
        sent = 0
        try:
            await connection.send(start)
            while (outcome := await end(connection, 1.0)) in (None, "200"):
                await connection.send(rest[sent % len(rest) :][:1])
                sent += 1
        except OSError:
            return "reset"
        return outcome

    return repeated(use)


def silent(start: bytes, *, half_closed: bool = False) -> Client:
    """Sends `start` and nothing more; closes its own half where asked to."""

    async def use(connection: Connection) -> str:
        try:
            await connection.send(start)
            if half_closed:
                connection.sock.shutdown(socket.SHUT_WR)
        except OSError:
            return "reset"
        return await end(connection, None) or ""

    return repeated(use)


HEAD = b"POST /api/v1/segment HTTP/1.1\r\nHost: localhost\r\n"
JSON_HEAD = HEAD + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n"
STREAM_HEAD = (
    f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\n"
    "Content-Type: application/x-ndjson\r\nContent-Length: 100000\r\n\r\n"
).encode()

SLOW_HEADERS = dripping(HEAD, b"X-Padding: no\r\n")
SLOW_BODY = dripping(JSON_HEAD, b" ")
SLOW_STREAM = dripping(STREAM_HEAD, LINES)
HALF_A_REQUEST = silent(JSON_HEAD + b'{"recency"')
HALF_CLOSED = silent(JSON_HEAD + b'{"recency"', half_closed=True)
IDLE = silent(b"")
