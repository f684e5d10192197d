"""Measures `rfm serve` beside a bare hyper server and a FastAPI application.

All servers run at once and are loaded in turn, so that a noisy moment hits all
alike. CPU time is what the system counts for the server's process.

Exit codes: 0 done, 1 a server failed or a figure was missed, 2 the command line
or the set-up is at fault.
"""

import argparse
import contextlib
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import batch
from load import Round, load
from report import (
    Check,
    Measured,
    batch_table,
    heading,
    load_table,
    start_table,
    verdict,
    versions,
)
from scoring import Model
from servers import (
    PROJECT,
    RunError,
    Running,
    Server,
    SetupError,
    bare_hyper,
    fastapi,
    need_tools,
    ours,
)

WARM_UP_SECONDS = 2.0
STARTS = 11

MOST_CPU_US = 20.0
LEAST_TIMES_FASTAPI = 40.0
MOST_START_MS = 30.0
MOST_RESIDENT_MB = 20.0


def progress(message: str) -> None:
    """Tells on standard error what is being done."""
    print(message, file=sys.stderr, flush=True)


def start_times(server: Server) -> list[float]:
    """Milliseconds from the start of the process to the first 200 of /readyz."""
    times = []
    for _ in range(STARTS):
        with Running(server) as running:
            times.append(running.ready_after * 1e3)
    return times


def measure_load(
    running: list[Running], seconds: float, connections: int, rounds: int
) -> list[Measured]:
    """Loads all servers in turn, after a warm-up."""
    taken: list[list[Round]] = [[] for _ in running]
    shapes = []
    for server in running:
        _, headers = server.example()
        shapes.append({name: len(value) for name, value in headers.items()})
        load(server, WARM_UP_SECONDS, connections)
    # The rival that answers fixed bytes must send as many of them.
    if shapes[0] != shapes[1]:
        raise RunError(f"headers differ: {shapes[0]} and {shapes[1]}")
    for number in range(1, rounds + 1):
        for server, own in zip(running, taken, strict=True):
            progress(f"round {number} of {rounds}: {server.name}")
            own.append(load(server, seconds, connections))
    return [
        Measured(server.name, own, server.resident_mb(), server.peak_mb())
        for server, own in zip(running, taken, strict=True)
    ]


def checks(
    measured: list[Measured], start_ms: float, batches: list[batch.BatchResult]
) -> Iterator[Check]:
    """What must hold; the order of `measured` is that of the servers in report."""
    rfm, hyper, contract, lean = measured
    cpu = rfm.cpu_us().median
    yield Check(
        cpu <= MOST_CPU_US, f"{cpu:.1f} CPU us a request, at most {MOST_CPU_US:.0f}"
    )
    times, times_lean = contract.cpu_us().median / cpu, lean.cpu_us().median / cpu
    yield Check(
        times >= LEAST_TIMES_FASTAPI,
        f"FastAPI takes {times:.1f} times the CPU time ({times_lean:.1f} without "
        f"the headers), at least {LEAST_TIMES_FASTAPI:.0f}",
    )
    yield Check(
        start_ms <= MOST_START_MS,
        f"{start_ms:.1f} ms from start to ready, at most {MOST_START_MS:.0f}",
    )
    yield Check(
        rfm.resident_mb < MOST_RESIDENT_MB,
        f"{rfm.resident_mb:.1f} MB resident after the load, "
        f"under {MOST_RESIDENT_MB:.0f}",
    )
    for server in measured:
        yield Check(server.errors() == 0, f"{server.name}: {server.errors()} errors")
    for form in batches:
        yield Check(form.wrong == 0, f"{form.name}: {form.wrong} wrong labels")
    # Told, not checked: bare hyper does none of the work.
    ratio = hyper.cpu_us().median / cpu
    yield Check(True, f"bare hyper takes {ratio:.2f} of the CPU time of rfm")


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="Measure `rfm serve` beside bare hyper and FastAPI."
    )
    add = parser.add_argument
    add("--rfm", type=Path, default=PROJECT / "target/release/rfm", metavar="PATH")
    add(
        "--hyper",
        type=Path,
        default=PROJECT / "bench/target/release/bare-hyper",
        metavar="PATH",
    )
    add("--duration", type=float, default=10.0, metavar="SECONDS", help="of one round")
    add("--rounds", type=int, default=3, metavar="N")
    add("--connections", type=int, default=64, metavar="N")
    add(
        "--customers",
        type=int,
        default=1_000_000,
        metavar="N",
        help="in each form of batch",
    )
    arguments = parser.parse_args()
    for name in ("duration", "rounds", "connections", "customers"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} must be at least 1")
    return arguments


def report(arguments: argparse.Namespace, root: Path) -> bool:
    """Measures everything, prints the report, and returns whether all holds."""
    servers = [
        ours(arguments.rfm, root),
        bare_hyper(arguments.hyper),
        fastapi("contract"),
        fastapi("lean"),
    ]
    used = versions(arguments.rfm)
    progress(f"starting each server {STARTS} times")
    starts = [(server.name, start_times(server)) for server in servers]
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(Running(server)) for server in servers]
        measured = measure_load(
            running, arguments.duration, arguments.connections, arguments.rounds
        )
    progress(f"batches of {arguments.customers:,} customers")
    model = Model.load(PROJECT / "models" / "reference.json")
    with Running(servers[0]) as single:
        batches = batch.measure(single, model, arguments.customers, arguments.rounds)
        batch_peak = single.peak_mb()
    found = list(checks(measured, median(starts[0][1]), batches))
    facts = [
        f"Versions: {used}",
        f"Rounds: {arguments.rounds} of {arguments.duration:.0f} s",
        f"Connections: {arguments.connections}",
    ]
    parts = [
        heading("rfm serve beside hyper and FastAPI", facts),
        load_table(measured),
        start_table(starts),
        batch_table(batches),
        f"Peak memory of the batches: {batch_peak:.1f} MB.",
        verdict(found),
    ]
    print("\n\n".join(parts))
    return all(check.holds for check in found)


def main() -> int:
    """Runs the measurement and returns the exit code."""
    arguments = parse_arguments()
    # As an interrupt, so that no server is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        need_tools(arguments.rfm, arguments.hyper)
        with tempfile.TemporaryDirectory() as root:
            return 0 if report(arguments, Path(root)) else 1
    except (SetupError, RunError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, SetupError) else 1


if __name__ == "__main__":
    sys.exit(main())
