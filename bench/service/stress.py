"""Puts `rfm serve` under stress: overload, slow clients, reloads, restarts.

Exit codes: 0 all holds, 1 something does not, 2 the command line or the set-up
is at fault.
"""

import argparse
import asyncio
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TypeVar

import overload
import reloads
import rolling
from report import heading, table
from servers import (
    PROJECT,
    RunError,
    Running,
    SetupError,
    need_tools,
    ours,
    raise_open_files,
)

WATCHED_RELOADS = 10
PHASES = ("overload", "reloads", "restarts")
# Files of a process beside its connections.
SPARE_FILES = 500
LISTED_FAULTS = 20

T = TypeVar("T")


def progress(message: str) -> None:
    """Tells on standard error what is being done."""
    print(message, file=sys.stderr, flush=True)


def counts(tally: Counter[T]) -> str:
    """Outcomes and how often each came, the most frequent first."""
    return ", ".join(f"{n:,} x {what}" for what, n in tally.most_common()) or "-"


async def overloads(
    arguments: argparse.Namespace, root: Path
) -> list[overload.Outcome]:
    """All phases on one server, which is not started anew between them."""
    outcomes = []
    with Running(ours(arguments.rfm, root)) as running:
        for phase in overload.phases(arguments.connections, arguments.idle):
            progress(f"{phase.name}, {arguments.duration:.0f} s")
            outcomes.append(await overload.run(running, phase, arguments.duration))
    return outcomes


def overload_report(outcomes: Sequence[overload.Outcome]) -> str:
    """A table of phases, and what became of the clients in each."""
    headings = (
        "phase",
        "peak MB",
        "open files",
        "wrk: 200",
        "wrk: 503",
        "wrk: p99 ms",
        "normal requests",
        "slowest ms",
        "recovery ms",
    )
    rows = [
        (
            outcome.name,
            f"{outcome.peak_mb:.1f}",
            f"{outcome.files:,}",
            f"{outcome.wrk.get('ok', 0):,}",
            f"{outcome.wrk.get('busy', 0):,}",
            f"{outcome.wrk.get('p99_us', 0) / 1e3:.0f}",
            counts(outcome.probes),
            f"{outcome.slowest_probe * 1e3:.0f}",
            f"{outcome.recovery * 1e3:.0f}",
        )
        for outcome in outcomes
    ]
    clients = table(
        ("phase", "clients", "connections ended by"),
        [
            (outcome.name, name, counts(tally))
            for outcome in outcomes
            for name, tally in outcome.tallies.items()
        ],
    )
    return f"{table(headings, rows)}\n\n{clients}"


def second_model(binary: Path, root: Path) -> Path:
    """The model file of made-up data, as another than the reference model."""
    sample = root / "sample.csv"
    for command in (
        ["sample", "--output", str(sample)],
        ["all", str(sample), "--root", str(root), "--quiet"],
    ):
        done = subprocess.run([binary, *command], capture_output=True, text=True)
        if done.returncode != 0:
            raise RunError(f"`rfm {command[0]}` fails\n{done.stderr}")
    return root / "models" / "segmentation.json"


async def reload_all(
    arguments: argparse.Namespace, root: Path
) -> dict[str, reloads.Outcome]:
    """Reloads by signal, and some that the server must see by itself."""
    with tempfile.TemporaryDirectory() as made:
        files = [
            PROJECT / "models" / "reference.json",
            second_model(arguments.rfm, Path(made)),
        ]
        path = root / "models" / "segmentation.json"
        path.parent.mkdir()
        outcomes = {}
        for name, count, options in (
            ("SIGHUP", arguments.reloads, ()),
            ("--watch", WATCHED_RELOADS, ("--watch",)),
        ):
            progress(f"{count} reloads by {name}")
            path.write_bytes(files[0].read_bytes())
            with Running(ours(arguments.rfm, root, *options)) as running:
                outcomes[name] = await reloads.run(
                    running, path, files, count, by_signal=not options
                )
    return outcomes


def reload_report(outcomes: Mapping[str, reloads.Outcome]) -> str:
    """A table, one row for each way to reload."""
    return table(
        (
            "reloads by",
            "reloads",
            "answers by model",
            "median ms",
            "most ms",
            "peak MB",
        ),
        [
            (
                name,
                str(len(outcome.times)),
                counts(outcome.answers),
                f"{median(outcome.times) * 1e3:.1f}",
                f"{max(outcome.times) * 1e3:.1f}",
                f"{outcome.peak_mb:.1f}",
            )
            for name, outcome in outcomes.items()
        ],
    )


def restart_report(outcome: rolling.Outcome) -> str:
    """One line on the rolling restarts."""
    return table(
        ("restarts", "exit codes", "answers behind the proxy"),
        [
            (
                str(outcome.stops.total()),
                counts(outcome.stops),
                counts(outcome.statuses),
            )
        ],
    )


async def stress(arguments: argparse.Namespace) -> list[str]:
    """Runs what was asked for, prints the report, and returns all faults."""
    told = subprocess.run(
        [arguments.rfm, "--version"], capture_output=True, check=True, text=True
    )
    facts = [
        f"Version: {told.stdout.strip()}",
        f"Each phase of overload: {arguments.duration:.0f} s",
        f"Connections of wrk: {arguments.connections:,}",
    ]
    parts = [heading("rfm serve under stress", facts)]
    faults: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        if "overload" in arguments.only:
            outcomes = await overloads(arguments, root)
            parts.append(overload_report(outcomes))
            faults += [f"{o.name}: {fault}" for o in outcomes for fault in o.faults]
        if "restarts" in arguments.only:
            progress(f"{arguments.restarts} rolling restarts of two replicas")
            restarts = await rolling.run(ours(arguments.rfm, root), arguments.restarts)
            parts.append(restart_report(restarts))
            faults += [f"restarts: {fault}" for fault in restarts.faults]
        if "reloads" in arguments.only:
            by_way = await reload_all(arguments, root)
            parts.append(reload_report(by_way))
            faults += [f"{w}: {fault}" for w, o in by_way.items() for fault in o.faults]
    parts.append(
        "\n".join(f"- FAULT: {line}" for line in summary(faults)) or "No fault."
    )
    print("\n\n".join(parts))
    return faults


def summary(faults: Sequence[str]) -> list[str]:
    """The different faults, the most frequent first, and how many there are."""
    different = Counter(faults).most_common()
    lines = [f"{count:,} x {fault}" for fault, count in different[:LISTED_FAULTS]]
    if len(different) > LISTED_FAULTS:
        lines.append(f"and {len(different) - LISTED_FAULTS} others")
    return lines


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Put `rfm serve` under stress.")
    add = parser.add_argument
    add("--rfm", type=Path, default=PROJECT / "target/release/rfm", metavar="PATH")
    add("--duration", type=float, default=60.0, metavar="SECONDS", help="of a phase")
    add("--connections", type=int, default=5_000, metavar="N", help="of wrk")
    add("--idle", type=int, default=10_000, metavar="N", help="idle connections")
    add("--reloads", type=int, default=200, metavar="N")
    add("--restarts", type=int, default=3, metavar="N", help="of each replica")
    add("--only", nargs="+", choices=PHASES, default=PHASES)
    arguments = parser.parse_args()
    for name in ("duration", "connections", "idle", "reloads", "restarts"):
        if getattr(arguments, name) < 1:
            parser.error(f"--{name} must be at least 1")
    return arguments


def main() -> int:
    """Runs the stress and returns the exit code."""
    arguments = parse_arguments()
    # As an interrupt, so that no server is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        need_tools(arguments.rfm)
        clients = sum(
            group.count
            for phase in overload.phases(arguments.connections, arguments.idle)[-1:]
            for group in phase.groups
        )
        raise_open_files(arguments.connections + clients + SPARE_FILES)
        return 1 if asyncio.run(stress(arguments)) else 0
    except (SetupError, RunError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, SetupError) else 1


if __name__ == "__main__":
    sys.exit(main())
