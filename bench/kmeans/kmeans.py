"""Compares the K-Means of rfm with those of other libraries on many points.

All get the same made-up points, from the same file. First an iteration of Lloyd is
timed, from the same start on; all must come to the same inertia. Then rfm clusters the points as training does, and
must not be worse than scikit-learn's default from any of some seeds.

Exit codes: 0 all holds, 1 it does not, 2 the command line or the set-up is at
fault.
"""

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import numpy
from rivals import RIVALS

REFERENCE = "scikit-learn"
# What an iteration on ten million points may take, in CPU milliseconds.
MOST_MS = 50.0
# By how much of itself the inertia of another library may differ from ours; some
# count in single precision.
SAME_INERTIA = {"single": 1e-4, "double": 1e-6}


def points(rows: int) -> numpy.ndarray:
    """Standard scores of made-up customers: recency, frequency, monetary."""
    random = numpy.random.default_rng(42)
    orders = 1 + random.geometric(0.35, rows)
    recency = random.exponential(200 / orders, rows)
    monetary = orders * random.lognormal(3.5, 0.9, rows)
    logs = numpy.log1p(numpy.column_stack([recency, orders, monetary]))
    return (logs - logs.mean(axis=0)) / logs.std(axis=0)


def run(command: list[str]) -> dict[str, float]:
    """What a command prints as JSON; its CPU time is its own."""
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def compare(binary: Path, rows: int, seeds: int) -> list[str]:
    """Prints the rows of the table for so many points; gives what does not hold."""
    data = points(rows)
    with tempfile.NamedTemporaryFile() as file:
        file.write(numpy.asfortranarray(data).tobytes(order="F"))
        file.flush()
        del data

        def ours(what: str) -> dict[str, float]:
            return run([str(binary), file.name, what])

        def theirs(rival: str, what: str, seed: int = 0) -> dict[str, float]:
            script = str(Path(__file__).with_name("rivals.py"))
            return run([sys.executable, script, rival, file.name, what, str(seed)])

        # The system counts in hundredths of a second; the median is taken.
        own = sorted((ours("lloyd") for _ in range(3)), key=lambda found: found["cpu"])[1]
        best = ours("fit")
        lloyd = {rival: theirs(rival, "lloyd") for rival in RIVALS}
        defaults = [theirs(REFERENCE, "default", seed) for seed in range(seeds)]
    pass_ms = own["cpu"] / own["passes"] * 1000
    print(f"| {rows:,} | an iteration, CPU ms | rfm | {pass_ms:.1f} | 1.0 |")
    for rival, found in lloyd.items():
        ratio = found["ms"] / pass_ms
        print(f"| {rows:,} | an iteration, CPU ms | {rival} | {found['ms']:.1f} | {ratio:.1f} |")
    cpu = sorted(found["cpu"] for found in defaults)[len(defaults) // 2]
    least = min(found["inertia"] for found in defaults)
    print(f"| {rows:,} | the whole, CPU s | rfm | {best['cpu']:.2f} | 1.0 |")
    print(
        f"| {rows:,} | the whole, CPU s | {REFERENCE}, default "
        f"| {cpu:.2f} | {cpu / best['cpu']:.1f} |"
    )
    print(f"| {rows:,} | inertia | rfm | {best['inertia']:.3f} | 1 |")
    print(
        f"| {rows:,} | inertia | {REFERENCE}, the best of {seeds} "
        f"| {least:.3f} | {least / best['inertia']:.9f} |",
        flush=True,
    )
    faults = []
    for rival, found in lloyd.items():
        most = SAME_INERTIA["single" if "single" in rival else "double"]
        if abs(found["inertia"] / own["inertia"] - 1) > most:
            inertia = f"{found['inertia']}, not {own['inertia']}"
            faults.append(f"{rows}: {rival} ends at {inertia}")
    if rows >= 10**7 and pass_ms > MOST_MS:
        faults.append(f"{rows}: {pass_ms:.1f} CPU ms an iteration")
    if best["inertia"] > least:
        faults.append(f"{rows}: inertia {best['inertia']}, {REFERENCE} has {least}")
    return faults


def main() -> int:
    """Runs all sizes and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--rows", type=int, nargs="+", default=[10**6, 10**7])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    if not options.binary.is_file():
        print(f"error: {options.binary} is not there", file=sys.stderr)
        return 2
    libraries = ("scikit-learn", "scikit-learn-intelex", "faiss-cpu", "numpy")
    versions = ", ".join(f"{library} {version(library)}" for library in libraries)
    print(
        f"{datetime.date.today().isoformat()}, {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {versions}\n"
    )
    print("| points | what | by | found | over rfm |\n|---|---|---|---|---|")
    faults = []
    for rows in options.rows:
        faults += compare(options.binary, rows, options.seeds)
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
