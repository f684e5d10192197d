"""Servers as child processes: how each is started, and what it uses.

Times are in seconds, sizes in MB of 10^6 bytes.
"""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import TracebackType
from typing import Self

HERE = Path(__file__).parent
PROJECT = HERE.parents[1]
EXAMPLE = {"recency": 15, "frequency": 2, "monetary": 350.75}
EXAMPLE_ANSWER = {"segment_name": "New Customers", "cluster_label": 2}
START_SECONDS = 20.0
POLL_SECONDS = 0.0002
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


class SetupError(Exception):
    """The command line or the set-up is at fault."""


class RunError(Exception):
    """A server failed, or answered what it must not."""


@dataclass(frozen=True)
class Server:
    """A server that can be started; `command` builds its command line from a port."""

    name: str
    command: Callable[[int], list[str]]
    environment: Mapping[str, str] = field(default_factory=dict)


def ours(binary: Path, root: Path, *options: str) -> Server:
    """`rfm serve` on the project folder `root`.

    A folder without a model gives the built-in reference model.
    """
    return Server(
        name="rfm serve",
        command=lambda port: (
            [str(binary), "serve", "--root", str(root), "--port", str(port), *options]
        ),
    )


def bare_hyper(binary: Path) -> Server:
    """The hyper server that answers fixed bytes."""
    return Server("bare hyper", lambda port: [str(binary), str(port)])


def fastapi(application: str) -> Server:
    """An application of fastapi_app.py, in uvicorn as it is fastest."""
    return Server(
        name=f"FastAPI, {application}",
        command=lambda port: [
            *(sys.executable, "-m", "uvicorn", f"fastapi_app:{application}"),
            *("--app-dir", str(HERE), "--port", str(port), "--workers", "1"),
            *("--loop", "uvloop", "--http", "httptools"),
            *("--no-access-log", "--log-level", "warning"),
        ],
    )


def free_port() -> int:
    """A loopback port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Running:
    """A server that has been started and is ready; a context manager.

    `ready_after` is the time from the start of the process to the first 200 of
    /readyz.
    """

    def __init__(self, server: Server, port: int | None = None) -> None:
        self.name = server.name
        self.port = port or free_port()
        # RFM_ variables of the caller must not configure the server.
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("RFM_")}
        self._errors = tempfile.TemporaryFile()
        start = time.perf_counter()
        self.process = subprocess.Popen(
            server.command(self.port),
            env=inherited | dict(server.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
        )
        try:
            self._wait_until_ready(start + START_SECONDS)
        except BaseException:
            self.process.kill()
            self.process.wait()
            raise
        self.ready_after = time.perf_counter() - start

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._errors.close()

    def _wait_until_ready(self, deadline: float) -> None:
        while time.perf_counter() < deadline:
            self.check_alive()
            if self.is_ready():
                return
            time.sleep(POLL_SECONDS)
        raise RunError(f"{self.name} is not ready after {START_SECONDS:.0f} s")

    def is_ready(self) -> bool:
        """Whether /readyz answers 200 right now."""
        try:
            return self.get("/readyz") == 200
        except (OSError, HTTPException):
            return False

    def get(self, path: str) -> int:
        """The status of a GET on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        finally:
            connection.close()

    def example(self) -> tuple[float, dict[str, str]]:
        """Posts the example on a connection of its own.

        Returns seconds and headers (names in lower case). Raises RunError
        unless the answer is a 200 with exactly the documented members.
        """
        start = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request(
                "POST",
                "/api/v1/segment",
                json.dumps(EXAMPLE),
                {"Content-Type": "application/json"},
            )
            response = connection.getresponse()
            body = response.read()
        except (OSError, HTTPException) as error:
            raise RunError(
                f"{self.name} does not answer the example: {error!r}"
            ) from error
        finally:
            connection.close()
        elapsed = time.perf_counter() - start
        if response.status != 200 or json.loads(body) != EXAMPLE_ANSWER:
            raise RunError(
                f"{self.name} answers the example with {response.status} {body[:200]!r}"
            )
        return elapsed, {name.lower(): value for name, value in response.getheaders()}

    def check_alive(self) -> None:
        """Raises RunError with the end of its standard error if it has ended."""
        if (code := self.process.poll()) is not None:
            raise RunError(f"{self.name} ended with code {code}\n{self.log_tail()}")

    def log_tail(self) -> str:
        """The end of what the server wrote to standard error."""
        size = os.fstat(self._errors.fileno()).st_size
        start = max(0, size - 2000)
        # pread leaves the offset alone, which the server shares.
        text = os.pread(self._errors.fileno(), 2000, start)
        return text.decode(errors="replace").strip()

    def cpu(self) -> float:
        """User and system seconds of all threads since the start."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        # The name of the process may hold spaces and parentheses.
        fields = stat.rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def resident_mb(self) -> float:
        """Resident memory now."""
        return self._status_mb("VmRSS")

    def peak_mb(self) -> float:
        """The most resident memory since the start or the last reset."""
        return self._status_mb("VmHWM")

    def reset_peak(self) -> None:
        """Starts a new `peak_mb`."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5", encoding="utf-8")

    def open_files(self) -> int:
        """Open files of the server, connections among them."""
        return sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def _status_mb(self, key: str) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        for line in status.splitlines():
            if line.startswith(f"{key}:"):
                return int(line.split()[1]) * 1024 / 1e6
        raise RunError(f"{self.name} has no {key}: it has ended\n{self.log_tail()}")

    def terminate(self) -> None:
        """Asks the server to end, and does not wait."""
        self.process.send_signal(signal.SIGTERM)


def need_tools(*binaries: Path) -> None:
    """Raises SetupError unless wrk and all the binaries are there."""
    if shutil.which("wrk") is None:
        raise SetupError(
            "the tool wrk is missing\nhint: on Debian: apt-get install wrk"
        )
    for binary in binaries:
        if not os.access(binary, os.X_OK):
            raise SetupError(
                f"no binary at {binary}\nhint: build it, or name another one"
            )


def raise_open_files(needed: int) -> None:
    """Lets this process and its children open as many files as are needed.

    Raises SetupError if the system allows fewer.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SetupError(
            f"only {hard} open files are allowed, {needed} are needed\n"
            "hint: raise `ulimit -Hn`, or open fewer connections"
        )
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
