"""The report of run.py in Markdown."""

import datetime
import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

from batch import BatchResult
from load import Round, Spread
from servers import SetupError

PACKAGES = ("fastapi", "httptools", "pydantic", "starlette", "uvicorn", "uvloop")


@dataclass(frozen=True)
class Measured:
    """All about one server: its rounds, and its memory after them in MB."""

    name: str
    rounds: list[Round]
    resident_mb: float
    peak_mb: float

    def cpu_us(self) -> Spread:
        """CPU microseconds a request."""
        return Spread.of([r.cpu_us for r in self.rounds])

    def errors(self) -> int:
        """Broken connections and answers other than 200, in all rounds."""
        return sum(r.errors for r in self.rounds)


def table(headings: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [headings, ["---"] * len(headings), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def heading(title: str, facts: Sequence[str]) -> str:
    """The title, the date, the machine, and other facts."""
    told = [
        f"Date: {datetime.date.today().isoformat()}",
        f"Machine: {cpu_model()}, {os.cpu_count()} cores",
        *facts,
    ]
    return f"# {title}\n\n" + "\n".join(f"- {fact}" for fact in told)


@dataclass(frozen=True)
class Check:
    """Something that must hold, and whether it does."""

    holds: bool
    text: str


def verdict(checks: Sequence[Check]) -> str:
    """A list of checks."""
    return "\n".join(
        f"- {'holds' if check.holds else 'MISSED'}: {check.text}" for check in checks
    )


def load_table(measured: Sequence[Measured]) -> str:
    """The figures of the load, one row for each server."""
    base = measured[0].cpu_us().median
    return table(
        (
            "server",
            "CPU us / request, median (min-max)",
            "ratio to rfm",
            "requests",
            "requests / s",
            "p50 ms",
            "p99 ms",
            "errors",
            "resident MB",
            "peak MB",
        ),
        [
            (
                m.name,
                f"{m.cpu_us():.1f}",
                f"{m.cpu_us().median / base:.2f}",
                f"{sum(r.requests for r in m.rounds):,}",
                f"{median(r.per_second for r in m.rounds):,.0f}",
                f"{median(r.p50_us for r in m.rounds) / 1e3:.2f}",
                f"{median(r.p99_us for r in m.rounds) / 1e3:.2f}",
                str(m.errors()),
                f"{m.resident_mb:.1f}",
                f"{m.peak_mb:.1f}",
            )
            for m in measured
        ],
    )


def start_table(starts: Sequence[tuple[str, list[float]]]) -> str:
    """Start to ready, one row for each server."""
    return table(
        ("server", "starts", "start to ready ms, median (min-max)"),
        [(name, str(len(times)), f"{Spread.of(times):.1f}") for name, times in starts],
    )


def batch_table(results: Sequence[BatchResult]) -> str:
    """The figures of the batches, one row for each form."""
    return table(
        ("batch", "customers", "customers / s and core, median (min-max)", "wrong"),
        [
            (
                r.name,
                f"{r.customers:,}",
                f"{Spread.of(r.per_second):,.0f}",
                str(r.wrong),
            )
            for r in results
        ],
    )


def versions(binary: Path) -> str:
    """Name and version of everything that takes part.

    Raises SetupError if a package is missing or the binary tells no version.
    """
    try:
        packages = [f"{name} {version(name)}" for name in PACKAGES]
    except PackageNotFoundError as error:
        raise SetupError(
            f"the package {error.name} is missing\n"
            "hint: pip install -r bench/service/requirements.txt"
        ) from error
    try:
        told = subprocess.run(
            [binary, "--version"], capture_output=True, check=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"`{binary.name} --version` does not run") from error
    python = f"Python {platform.python_version()}"
    return ", ".join([told.stdout.strip(), python, *packages])


def cpu_model() -> str:
    """The name of the processor, or its architecture where none is told."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()
