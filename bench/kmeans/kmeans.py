"""Compares the K-Means of rfm with that of scikit-learn on many points.

Both get the same made-up points, from the same file. First both run Lloyd's
iteration from the same start, and must end at the same inertia; the CPU time of
an iteration is compared. Then rfm clusters the points as training does, and must
not be worse than scikit-learn's default from any of some seeds.

Exit codes: 0 all holds, 1 it does not, 2 the command line or the set-up is at
fault.
"""

import argparse
import datetime
import json
import platform
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy
import sklearn
from sklearn.cluster import KMeans

CLUSTERS = 4
ITERATIONS = 20
# What an iteration on ten million points may take, in CPU milliseconds.
MOST_MS = 50.0
SAME_INERTIA = 1e-6


def points(rows: int) -> numpy.ndarray:
    """Standard scores of made-up customers: recency, frequency, monetary."""
    random = numpy.random.default_rng(42)
    orders = 1 + random.geometric(0.35, rows)
    recency = random.exponential(200 / orders, rows)
    monetary = orders * random.lognormal(3.5, 0.9, rows)
    logs = numpy.log1p(numpy.column_stack([recency, orders, monetary]))
    return (logs - logs.mean(axis=0)) / logs.std(axis=0)


def cpu_seconds() -> float:
    """User and system time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def ours(binary: Path, file: Path, what: str) -> dict[str, float]:
    """What the binary says of the points in a file."""
    command = [str(binary), str(file), what]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def theirs(data: numpy.ndarray, **settings: object) -> dict[str, float]:
    """What scikit-learn makes of the points."""
    start = cpu_seconds()
    found = KMeans(CLUSTERS, **settings).fit(data)
    return {
        "inertia": found.inertia_,
        "passes": found.n_iter_,
        "cpu": cpu_seconds() - start,
    }


def compare(binary: Path, rows: int, seeds: int) -> list[str]:
    """Prints the rows of the table for so many points; gives what does not hold."""
    data = points(rows)
    faults = []
    with tempfile.NamedTemporaryFile() as file:
        file.write(numpy.asfortranarray(data).tobytes(order="F"))
        file.flush()
        own = ours(binary, Path(file.name), "lloyd")
        best = ours(binary, Path(file.name), "fit")
    start = {"init": data[:CLUSTERS], "n_init": 1, "tol": 0}
    rival = theirs(data, max_iter=ITERATIONS, **start)
    end = theirs(data, max_iter=1000, **start)
    pass_ms = own["cpu"] / own["passes"] * 1000
    rival_ms = rival["cpu"] / ITERATIONS * 1000
    if abs(own["inertia"] / end["inertia"] - 1) > SAME_INERTIA:
        faults.append(f"{rows}: Lloyd ends at {own['inertia']}, not {end['inertia']}")
    if rows >= 10**7 and pass_ms > MOST_MS:
        faults.append(f"{rows}: {pass_ms:.1f} CPU ms an iteration")
    print(
        f"| {rows:,} | an iteration, CPU ms | {pass_ms:.1f} | {rival_ms:.1f} "
        f"| {rival_ms / pass_ms:.1f} |"
    )
    defaults = [theirs(data, random_state=seed) for seed in range(seeds)]
    cpu = sorted(found["cpu"] for found in defaults)[len(defaults) // 2]
    least = min(found["inertia"] for found in defaults)
    print(
        f"| {rows:,} | the whole, CPU s | {best['cpu']:.2f} | {cpu:.2f} "
        f"| {cpu / best['cpu']:.1f} |"
    )
    print(
        f"| {rows:,} | inertia | {best['inertia']:.3f} | {least:.3f} at best "
        f"| {least / best['inertia']:.9f} |"
    )
    if best["inertia"] > least:
        faults.append(f"{rows}: inertia {best['inertia']}, scikit-learn has {least}")
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
    today = datetime.date.today().isoformat()
    print(
        f"{today}, {platform.machine()}, Python {platform.python_version()}, "
        f"scikit-learn {sklearn.__version__}, NumPy {numpy.__version__}\n"
    )
    print("| points | what | rfm | scikit-learn | ratio |\n|---|---|---|---|---|")
    faults = []
    for rows in options.rows:
        faults += compare(options.binary, rows, options.seeds)
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
