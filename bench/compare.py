"""Compares `rfm all` with the same steps in pandas and scikit-learn.

Both engines run as child processes, alternately, and are measured by the
resource usage that the system reports for them. Before anything is timed, both
must agree on every customer's recency, frequency and monetary value.

Exit codes: 0 done, 1 an engine failed or the two disagree, 2 the command line
or the set-up is at fault.
"""

import argparse
import csv
import datetime
import multiprocessing
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median

# pandas stays out of this process: a child's peak memory as the system counts
# it is never below that of the process which started it.
PIPELINE = Path(__file__).with_name("pandas_pipeline.py")
PACKAGES = ("numpy", "openpyxl", "pandas", "scikit-learn")
SUFFIXES = (".csv", ".xlsx")
# ru_maxrss is in bytes on macOS and in units of 1,024 bytes elsewhere.
MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
LISTED_DIFFERENCES = 5
HEADINGS = (
    "input",
    "engine",
    "CPU s, median (min-max)",
    "wall s, median",
    "peak MB",
    "CPU / rfm",
)


class SetupError(Exception):
    """The command line or the set-up is at fault."""


class RunError(Exception):
    """An engine failed, or the two disagree."""


@dataclass(frozen=True)
class Engine:
    """One of the two contestants.

    `command` builds the command line from an input and an empty directory;
    the features and segments then lie in `results` below that directory.
    """

    name: str
    command: Callable[[Path, Path], list[str]]
    results: str
    environment: dict[str, str]


@dataclass(frozen=True)
class Usage:
    """What one child process used, times in seconds, memory in 10^6 bytes."""

    cpu: float
    wall: float
    peak_mb: float


@dataclass(frozen=True)
class Agreement:
    """How far two results agree that are equal in all features."""

    customers: int
    same_segment: int


@dataclass(frozen=True)
class Comparison:
    """The outcome for one input; `usages` has the runs of each engine, by name."""

    source: Path
    agreement: Agreement
    usages: dict[str, list[Usage]]


def base_environment() -> dict[str, str]:
    """The environment without the variables that configure rfm."""
    return {k: v for k, v in os.environ.items() if not k.startswith("RFM_")}


def rfm_engine(binary: Path) -> Engine:
    """The command `rfm all` of the given binary."""
    return Engine(
        name="rfm",
        command=lambda source, root: (
            [str(binary), "all", str(source), "--root", str(root), "--quiet"]
        ),
        results="data/processed",
        environment=base_environment(),
    )


def pandas_engine() -> Engine:
    """The pipeline in pandas and scikit-learn, run by this interpreter."""
    return Engine(
        name="pandas + scikit-learn",
        command=lambda source, outdir: (
            [sys.executable, str(PIPELINE), str(source), str(outdir)]
        ),
        results=".",
        # K-Means on some thousand points takes less CPU on one thread: waiting
        # threads spin, on a busy machine for ten times the useful work.
        environment=base_environment() | {"OMP_NUM_THREADS": "1"},
    )


def measure(command: Sequence[str], environment: dict[str, str]) -> Usage:
    """Runs a command to its end and returns what it used.

    Raises RunError with the end of its standard error if it fails.
    """
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        child = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        # The child is reaped already; Popen must not wait for it again.
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode != 0:
            errors.seek(0)
            tail = errors.read().decode(errors="replace").strip()[-2000:]
            name = Path(command[0]).name
            raise RunError(f"{name} ended with code {child.returncode}\n{tail}")
    return Usage(
        cpu=used.ru_utime + used.ru_stime,
        wall=wall,
        peak_mb=used.ru_maxrss * MAXRSS_BYTES / 1e6,
    )


def run(engine: Engine, source: Path, directory: Path) -> Usage:
    """Runs an engine on an input, its output going to an empty directory."""
    return measure(engine.command(source, directory), engine.environment)


def rows_by_customer(path: Path) -> dict[str, dict[str, str]]:
    """The rows of a result file by customer identifier."""
    with path.open(encoding="utf-8", newline="") as file:
        return {row["CustomerID"]: row for row in csv.DictReader(file)}


def rfm_values(row: dict[str, str]) -> tuple[int, int, int]:
    """Recency, frequency and the monetary value in whole thousandths."""
    return (
        int(row["recency"]),
        int(row["frequency"]),
        round(float(row["monetary"]) * 1000),
    )


def differences(
    ours: dict[str, dict[str, str]], theirs: dict[str, dict[str, str]]
) -> Iterator[str]:
    """One line for each customer whose features differ."""
    for customer in sorted(ours.keys() | theirs.keys()):
        pair = [
            rfm_values(rows[customer]) if customer in rows else None
            for rows in (ours, theirs)
        ]
        if pair[0] != pair[1]:
            yield f"customer {customer}: rfm {pair[0]}, pandas {pair[1]}"


def compare_results(ours: Path, theirs: Path) -> Agreement:
    """Compares the result directories of rfm and pandas.

    Raises RunError unless both have the same customers with equal features.
    Segments may differ: scikit-learn can stop at another local optimum.
    """
    features = [rows_by_customer(d / "rfm_features.csv") for d in (ours, theirs)]
    found = list(differences(*features))
    if found:
        shown = "\n".join(found[:LISTED_DIFFERENCES])
        raise RunError(
            f"customers that differ in recency, frequency or monetary value in "
            f"thousandths: {len(found)}\n{shown}"
        )
    segments = [rows_by_customer(d / "customer_segments.csv") for d in (ours, theirs)]
    for rows in segments:
        if rows.keys() != features[0].keys():
            raise RunError("the segments are not of the same customers as the features")
    same = sum(
        row["segment_name"] == segments[1][customer]["segment_name"]
        for customer, row in segments[0].items()
    )
    return Agreement(customers=len(features[0]), same_segment=same)


def check(engines: Sequence[Engine], source: Path) -> Agreement:
    """Runs both engines once, untimed, and compares what they wrote."""
    with tempfile.TemporaryDirectory() as scratch:
        results = []
        for number, engine in enumerate(engines):
            directory = Path(scratch, str(number))
            directory.mkdir()
            run(engine, source, directory)
            results.append(directory / engine.results)
        # In a process of its own, so that the tables do not raise the floor of
        # the peak memory measured later.
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(max_workers=1, mp_context=spawn) as pool:
            return pool.submit(compare_results, *results).result()


def compare(engines: Sequence[Engine], source: Path, runs: int) -> Comparison:
    """Checks one input, then times the engines on it alternately."""
    progress(f"{source.name}: checking that both agree")
    agreement = check(engines, source)
    usages: dict[str, list[Usage]] = {engine.name: [] for engine in engines}
    for number in range(1, runs + 1):
        progress(f"{source.name}: run {number} of {runs}")
        for engine in engines:
            with tempfile.TemporaryDirectory() as scratch:
                usages[engine.name].append(run(engine, source, Path(scratch)))
    return Comparison(source, agreement, usages)


def table(comparisons: Sequence[Comparison]) -> str:
    """The figures as a Markdown table; the last column is CPU relative to rfm."""
    rows = [f"| {' | '.join(HEADINGS)} |", "|---" * len(HEADINGS) + "|"]
    for comparison in comparisons:
        base = median(usage.cpu for usage in comparison.usages["rfm"])
        for engine, usages in comparison.usages.items():
            cpu = [usage.cpu for usage in usages]
            wall = median(usage.wall for usage in usages)
            peak = max(usage.peak_mb for usage in usages)
            rows.append(
                f"| {comparison.source.name} | {engine} "
                f"| {median(cpu):.2f} ({min(cpu):.2f}-{max(cpu):.2f}) "
                f"| {wall:.2f} | {peak:.0f} | {median(cpu) / base:.1f} |"
            )
    return "\n".join(rows)


def agreements(comparisons: Sequence[Comparison]) -> str:
    """What was found equal, one list item for each input."""
    return "\n".join(
        f"- {comparison.source.name}: {comparison.agreement.customers:,} customers, "
        "recency, frequency and monetary value equal for all, "
        f"segment equal for {comparison.agreement.same_segment:,}"
        for comparison in comparisons
    )


def cpu_model() -> str:
    """The name of the processor, or its architecture where none is told."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if "model name" in line]
    return names[0] if names else platform.machine()


def versions(binary: Path) -> list[str]:
    """Name and version of everything that takes part.

    Raises SetupError if a package is missing or the binary tells no version.
    """
    try:
        packages = [f"{name} {version(name)}" for name in PACKAGES]
    except PackageNotFoundError as error:
        raise SetupError(
            f"the package {error.name} is missing\n"
            "hint: pip install -r bench/requirements.txt"
        ) from error
    try:
        told = subprocess.run(
            [binary, "--version"], capture_output=True, check=True, text=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise SetupError(f"`{binary.name} --version` does not run") from error
    return [told.stdout.strip(), f"Python {platform.python_version()}", *packages]


def document(body: str, used: Sequence[str], runs: int) -> str:
    """The report with its heading, for a file."""
    return "\n".join(
        [
            "# rfm beside pandas and scikit-learn",
            "",
            f"- Date: {datetime.date.today().isoformat()}",
            f"- Machine: {cpu_model()}, {os.cpu_count()} cores",
            f"- Versions: {', '.join(used)}",
            f"- Timed runs of each engine: {runs}",
            "",
            body,
        ]
    )


def progress(message: str) -> None:
    """Tells on standard error what is being done."""
    print(message, file=sys.stderr, flush=True)


def positive(text: str) -> int:
    """A whole number of at least one, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description="Compare `rfm all` with the same steps in pandas and scikit-learn."
    )
    parser.add_argument(
        "inputs", nargs="+", type=Path, metavar="INPUT", help=".xlsx or .csv file"
    )
    parser.add_argument(
        "--runs",
        type=positive,
        default=3,
        metavar="N",
        help="timed runs of each engine (default: %(default)s)",
    )
    parser.add_argument(
        "--rfm",
        type=Path,
        default=Path("target/release/rfm"),
        metavar="PATH",
        help="the rfm binary (default: %(default)s)",
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="also write the table here, with date, machine and versions",
    )
    return parser.parse_args()


def check_arguments(arguments: argparse.Namespace) -> None:
    """Raises SetupError unless all files are there."""
    if not (arguments.rfm.is_file() and os.access(arguments.rfm, os.X_OK)):
        raise SetupError(
            f"no rfm binary at {arguments.rfm}\nhint: build it, or pass --rfm PATH"
        )
    for source in arguments.inputs:
        if not source.is_file():
            raise SetupError(f"no input file at {source}")
        if source.suffix.lower() not in SUFFIXES:
            raise SetupError(f"{source.name} is not one of {', '.join(SUFFIXES)}")
    if arguments.output and not arguments.output.parent.is_dir():
        raise SetupError(f"no directory {arguments.output.parent}")


def main() -> int:
    """Runs the comparison and returns the exit code."""
    arguments = parse_arguments()
    try:
        check_arguments(arguments)
        binary = arguments.rfm.resolve()
        used = versions(binary)
        engines = [rfm_engine(binary), pandas_engine()]
        comparisons = [
            compare(engines, source.resolve(), arguments.runs)
            for source in arguments.inputs
        ]
        floor = measure(["true"], base_environment()).peak_mb
    except (SetupError, RunError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2 if isinstance(error, SetupError) else 1
    body = (
        f"{table(comparisons)}\n\n{agreements(comparisons)}\n"
        f"- A peak of {floor:.0f} MB or less cannot be told from that of the script.\n"
    )
    print(body, end="")
    if arguments.output:
        text = document(body, used, arguments.runs)
        arguments.output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
