"""Load by wrk: one run, and the figures of several."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from servers import HERE, RunError, Running

THREADS = 2
PREFIX = "figures "


@dataclass(frozen=True)
class Round:
    """One run of wrk on one server.

    Times in microseconds; `cpu_us` is that of the server for one request.
    """

    requests: int
    cpu_us: float
    per_second: float
    p50_us: float
    p99_us: float
    errors: int


@dataclass(frozen=True)
class Spread:
    """Median, least and most of the same figure in several rounds."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        """The spread of at least one value."""
        return cls(median(values), min(values), max(values))

    def __format__(self, form: str) -> str:
        least, most = format(self.least, form), format(self.most, form)
        return f"{format(self.median, form)} ({least}-{most})"


def wrk(
    port: int, script: Path, *, seconds: float, connections: int, path: str
) -> dict[str, int]:
    """Runs wrk to its end and returns what the script printed as figures."""
    done = subprocess.run(
        [
            *("wrk", "--threads", str(THREADS), "--connections", str(connections)),
            *("--duration", f"{max(1, round(seconds))}s", "--timeout", "30s"),
            *("--script", str(script), f"http://127.0.0.1:{port}{path}"),
        ],
        capture_output=True,
        check=False,
        text=True,
    )
    for line in done.stdout.splitlines():
        if line.startswith(PREFIX):
            figures: dict[str, int] = json.loads(line.removeprefix(PREFIX))
            return figures
    raise RunError(f"wrk ended with code {done.returncode}\n{done.stdout}{done.stderr}")


def load(running: Running, seconds: float, connections: int) -> Round:
    """Loads a server with the example and returns what it took."""
    before = running.cpu()
    figures = wrk(
        running.port,
        HERE / "segment.lua",
        seconds=seconds,
        connections=connections,
        path="/api/v1/segment",
    )
    cpu = running.cpu() - before
    running.check_alive()
    requests = figures["requests"]
    if requests == 0:
        raise RunError(f"{running.name} answered no request")
    return Round(
        requests=requests,
        cpu_us=cpu * 1e6 / requests,
        per_second=requests * 1e6 / figures["duration_us"],
        p50_us=figures["p50_us"],
        p99_us=figures["p99_us"],
        errors=figures["broken"] + figures["refused"],
    )
