"""A rolling restart of two replicas behind a small proxy, under load."""

import asyncio
import contextlib
import json
import socket
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from functools import partial

from overload import EXAMPLE_REQUEST
from servers import EXAMPLE_ANSWER, RunError, Running, Server, free_port
from wire import Connection, Lost, stop

CLIENTS = 16
POLL_SECONDS = 0.1
EXIT_SECONDS = 30.0
READY_REQUEST = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n"
NO_REPLICA = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"


@dataclass
class Replica:
    """A server behind the proxy, and idle connections to it."""

    port: int
    ready: bool = False
    idle: list[Connection] = field(default_factory=list)
    answers: int = 0

    def take(self) -> Connection | None:
        """An idle connection that the server has not closed meanwhile."""
        while self.idle:
            connection = self.idle.pop()
            if not connection.is_ended():
                return connection
            connection.close()
        return None

    def close(self) -> None:
        """Closes the idle connections."""
        while self.idle:
            self.idle.pop().close()


class Proxy:
    """Hands each request to a ready replica, by turns.

    It asks /readyz ten times a second. It never tries a request twice: a second
    try would hide a lost one.
    """

    def __init__(self, replicas: list[Replica]) -> None:
        self.replicas = replicas
        self.faults: list[str] = []
        self._turn = 0

    async def follow(self, replica: Replica) -> None:
        """Keeps `ready` up to date until cancelled."""
        while True:
            try:
                async with asyncio.timeout(1):
                    connection = await Connection.open(replica.port)
                    try:
                        answer = await connection.ask(READY_REQUEST)
                    finally:
                        connection.close()
                replica.ready = answer.status == 200
            except (Lost, TimeoutError):
                replica.ready = False
            if not replica.ready:
                replica.close()
            await asyncio.sleep(POLL_SECONDS)

    async def listen(self, listener: socket.socket) -> None:
        """Serves all clients that connect, until cancelled."""
        clients: set[asyncio.Task[None]] = set()
        try:
            while True:
                sock, _ = await asyncio.get_running_loop().sock_accept(listener)
                clients.add(asyncio.create_task(self.serve(Connection(sock))))
        finally:
            await stop(clients)

    async def serve(self, connection: Connection) -> None:
        """Serves a client's connection to its end."""
        try:
            with contextlib.suppress(Lost, OSError):
                while request := await connection.read():
                    await connection.send(await self.forward(request.raw))
        finally:
            connection.close()

    async def forward(self, request: bytes) -> bytes:
        """The answer of a replica, or a 502."""
        ready = [replica for replica in self.replicas if replica.ready]
        if not ready:
            self.faults.append("no replica is ready")
            return NO_REPLICA
        self._turn += 1
        replica = ready[self._turn % len(ready)]
        connection = None
        try:
            connection = replica.take() or await Connection.open(replica.port)
            answer = await connection.ask(request)
        except Lost as lost:
            self.faults.append(f"lost: {lost}")
            if connection:
                connection.close()
            return NO_REPLICA
        replica.answers += 1
        if answer.closes or not replica.ready:
            connection.close()
        else:
            replica.idle.append(connection)
        return answer.raw


@dataclass
class Outcome:
    """What became of the restarts; `stops` has exit codes."""

    statuses: Counter[str] = field(default_factory=Counter)
    stops: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


async def client(port: int, outcome: Outcome) -> None:
    """Asks the example on one connection until cancelled."""
    connection = await Connection.open(port)
    try:
        while True:
            try:
                answer = await connection.ask(EXAMPLE_REQUEST)
            except Lost as lost:
                outcome.faults.append(f"lost behind the proxy: {lost}")
                connection.close()
                connection = await Connection.open(port)
                continue
            outcome.statuses[str(answer.status)] += 1
            if answer.status != 200:
                outcome.faults.append(f"status {answer.status}")
            elif json.loads(answer.body) != EXAMPLE_ANSWER:
                outcome.faults.append(f"answer {answer.body[:100]!r}")
    finally:
        connection.close()


async def until(replica: Replica, ready: bool) -> None:
    """Waits until the proxy has seen a replica become ready, or not."""
    async with asyncio.timeout(EXIT_SECONDS):
        while replica.ready != ready:
            await asyncio.sleep(POLL_SECONDS / 10)


async def run(server: Server, restarts: int) -> Outcome:
    """Restarts two replicas one after the other, `restarts` times each."""
    outcome = Outcome()
    replicas = [Replica(free_port()) for _ in range(2)]
    proxy = Proxy(replicas)
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(Running(server, r.port)) for r in replicas]
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        listener.setblocking(False)
        port = listener.getsockname()[1]
        proxying = [asyncio.create_task(proxy.follow(replica)) for replica in replicas]
        proxying.append(asyncio.create_task(proxy.listen(listener)))
        clients: list[asyncio.Task[None]] = []
        try:
            for replica in replicas:
                await until(replica, ready=True)
            clients += [
                asyncio.create_task(client(port, outcome)) for _ in range(CLIENTS)
            ]
            for _ in range(restarts):
                for number, replica in enumerate(replicas):
                    running[number].terminate()
                    await until(replica, ready=False)
                    outcome.stops[await exit_code(running[number])] += 1
                    started = await asyncio.to_thread(
                        partial(Running, server, replica.port)
                    )
                    running[number] = stack.enter_context(started)
                    await until(replica, ready=True)
        finally:
            # The clients first, so that none of their requests is cut off.
            await stop(clients)
            await stop(proxying)
    outcome.faults += proxy.faults
    outcome.faults += [
        f"{count} times exit code {code}"
        for code, count in outcome.stops.items()
        if code != 0
    ]
    return outcome


async def exit_code(running: Running) -> int:
    """The exit code of a server that was asked to end."""
    try:
        return await asyncio.to_thread(running.process.wait, EXIT_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise RunError(f"a replica has not ended after {EXIT_SECONDS:.0f} s") from error
