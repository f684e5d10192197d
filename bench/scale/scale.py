"""Times the features step of `rfm` on millions of lines beside other tools, and all
steps alone.

Data are made up by `rfm sample`; DuckDB makes Parquet of them. Before anything is
timed, all tools must agree on every customer: last purchase and frequency exactly,
monetary value to the digits of a double. Then they run by turns, each as a process
of its own, start-up included. What else the machine does only adds to what they take,
so bounds and ratios hold for the least.

Exit codes: 0 all holds, 1 it does not, 2 the command line or the set-up is at
fault.
"""

import argparse
import csv
import datetime
import os
import platform
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

ENGINES = Path(__file__).with_name("engines.py")
RIVALS = ("duckdb", "polars", "pandas", "datafusion")
# Doubles that are summed in any order agree to about this.
SAME_SUM = 1e-9
# What `rfm` may take for ten million lines: CPU seconds, wall seconds on two
# threads, peak MB; and the work of the others as a multiple of ours.
BOUNDS = {
    "numeric": (0.9, 0.5, 100),
    "email": (1.4, None, None),
    "uuid": (1.4, None, None),
    "shuffled": (3.0, None, 1000),
    "parquet": (0.7, None, 250),
    "all": (1.6, None, None),
}
RATIOS = {("numeric", "duckdb"): 8, ("numeric", "polars"): 14, ("parquet", "duckdb"): 5}
BOUND_LINES = 10_000_000
OPTIONS = {
    "numeric": [],
    "email": ["--ids", "email"],
    "uuid": ["--ids", "uuid"],
    "shuffled": ["--shuffle"],
    "all": [],
}


@dataclass(frozen=True)
class Used:
    """What one process used: seconds, and bytes at its peak."""

    cpu: float
    wall: float
    peak: int


def run(command: list[str], folder: Path) -> Used:
    """Runs a command in a folder; leaves with 1 if it fails."""
    start = time.monotonic()
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.monotonic() - start
        if process.returncode != 0:
            errors.seek(0)
            text = errors.read().decode(errors="replace")
            print(f"error: {' '.join(command)} failed:\n{text}", file=sys.stderr)
            sys.exit(1)
    return Used(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * 1024)


def warm(file: Path) -> None:
    """Reads a file, so that no tool has to wait for the disk."""
    with file.open("rb", buffering=0) as source:
        buffer = bytearray(1 << 20)
        while source.readinto(buffer):
            pass


def table(file: Path) -> dict[str, list[str]]:
    """The rows of a CSV file by customer."""
    with file.open(newline="") as lines:
        reader = csv.reader(lines)
        next(reader)
        return {row[0]: row[1:] for row in reader}


def disagreement(ours: Path, theirs: Path) -> str | None:
    """The first customer on whom two tables differ."""
    own, other = table(ours), table(theirs)
    if own.keys() != other.keys():
        return f"{len(own)} customers, not {len(other)}"
    times = [datetime.datetime.fromisoformat(row[0]) for row in other.values()]
    snapshot = max(times) + datetime.timedelta(days=1)
    for customer, (last, frequency, monetary) in other.items():
        days = (snapshot - datetime.datetime.fromisoformat(last)).days
        recency, orders, spent = own[customer][:3]
        is_same = int(recency) == days and int(orders) == int(frequency)
        if not is_same or abs(float(spent) / float(monetary) - 1) > SAME_SUM:
            return f"customer {customer}: {own[customer]}, not {other[customer]}"
    return None


def make_data(work: str, rfm: Path, lines: int, folder: Path) -> Path:
    """Makes the input of a kind of work."""
    file = folder / f"{work}.csv"
    if work == "parquet":
        source = make_data("numeric", rfm, lines, folder)
        file = file.with_suffix(".parquet")
        columns = "{'InvoiceNo': 'VARCHAR', 'StockCode': 'VARCHAR', 'CustomerID': 'VARCHAR'}"
        query = (
            f"copy (from read_csv('{source}', header=true, types={columns})) "
            f"to '{file}' (format parquet, compression zstd)"
        )
        script = "import duckdb, sys; duckdb.sql(sys.argv[1])"
        run([sys.executable, "-c", script, query], folder)
        source.unlink()
        return file
    command = [str(rfm), "sample", "--lines", str(lines), "--output", str(file), "--quiet"]
    run(command + OPTIONS[work], folder)
    return file


def measure(work: str, options: argparse.Namespace, folder: Path) -> list[str]:
    """Prints the rows of one kind of work; gives what does not hold."""
    source = make_data(work, options.rfm, options.lines, folder)
    output = folder / "theirs.csv"
    step = "all" if work == "all" else "features"
    commands = {"rfm": [str(options.rfm), step, str(source), "--quiet", "--threads", "2"]}
    engines = [] if step == "all" else options.engines
    for engine in engines:
        commands[engine] = [sys.executable, str(ENGINES), engine, str(source), str(output)]
    ours = folder / "data/processed/rfm_features.csv"
    run(commands["rfm"], folder)
    faults = []
    for engine in engines:
        run(commands[engine], folder)
        # In a process of its own: what this one has used counts for those it starts.
        with ProcessPoolExecutor(1) as apart:
            difference = apart.submit(disagreement, ours, output).result()
        if difference is not None:
            faults.append(f"{work}: rfm and {engine} differ: {difference}")
    used: dict[str, list[Used]] = {engine: [] for engine in commands}
    for _ in range(options.runs):
        for engine, command in commands.items():
            warm(source)
            used[engine].append(run(command, folder))
    source.unlink()
    cpu = {engine: min(one.cpu for one in runs) for engine, runs in used.items()}
    for engine, runs in used.items():
        most = max(one.cpu for one in runs)
        wall = min(one.wall for one in runs)
        peak = max(one.peak for one in runs) / 1e6
        ratio = cpu[engine] / cpu["rfm"]
        print(
            f"| {work} | {engine} | {cpu[engine]:.2f} (to {most:.2f}) "
            f"| {wall:.2f} | {peak:.0f} | {ratio:.1f} |",
            flush=True,
        )
        if options.lines == BOUND_LINES and ratio < RATIOS.get((work, engine), 0):
            faults.append(f"{work}: {engine} takes {ratio:.1f} times the CPU time")
    if options.lines == BOUND_LINES:
        wall = min(one.wall for one in used["rfm"])
        peak = max(one.peak for one in used["rfm"]) / 1e6
        found = {"CPU s": cpu["rfm"], "s": wall, "MB": peak}
        for (unit, value), most in zip(found.items(), BOUNDS[work], strict=True):
            if most is not None and value > most:
                faults.append(f"{work}: {value:.2f} {unit}, expected at most {most}")
    return faults


def main() -> int:
    """Runs all kinds of work and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rfm", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=BOUND_LINES)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--work", nargs="+", choices=BOUNDS, default=list(BOUNDS))
    parser.add_argument("--engines", nargs="*", choices=RIVALS, default=list(RIVALS))
    options = parser.parse_args()
    if not options.rfm.is_file():
        print(f"error: {options.rfm} is not there", file=sys.stderr)
        return 2
    options.rfm = options.rfm.absolute()
    versions = ", ".join(f"{engine} {version(engine)}" for engine in options.engines)
    print(
        f"{datetime.date.today().isoformat()}, {platform.machine()}, "
        f"{os.cpu_count()} cores, {options.lines:,} lines, {options.runs} runs; "
        f"Python {platform.python_version()}, {versions}\n"
    )
    print("| work | engine | CPU s, least (to most) | wall s | peak MB | CPU / rfm |")
    print("|---|---|---|---|---|---|")
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        for work in options.work:
            faults += measure(work, options, Path(folder))
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
