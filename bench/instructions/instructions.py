"""Counts the instructions of some stages with Valgrind, and compares them with the
counts of before.

A stage is done once and three times; half the difference is what one takes, without
start and end. Exit codes: 0 no stage needs more than it may, 1 one does, 2 the
command line or the set-up is at fault.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

COUNTS = Path(__file__).with_name("counts.json")
# Compilers and libraries change, by a little.
MOST = 1.05
LINES = 100_000
SAMPLES = {
    "numeric": [],
    "email": ["--ids", "email"],
    "shuffled": ["--shuffle"],
}


def count(stages: Path, arguments: list[str], times: int) -> tuple[int, int]:
    """Instructions of the whole program, and the units of one time."""
    stage, *file = arguments
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no"]
    command += ["--cachegrind-out-file=/dev/null", str(stages), stage, str(times), *file]
    done = subprocess.run(
        command,
        env={**os.environ, "RAYON_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"I\s+refs:\s+([\d,]+)", done.stderr)
    if found is None:
        raise ValueError(done.stderr)
    return int(found[1].replace(",", "")), int(done.stdout)


def each(stages: Path, arguments: list[str]) -> float:
    """Instructions of a stage for each unit."""
    (once, units), (thrice, _) = (count(stages, arguments, times) for times in (1, 3))
    return (thrice - once) / 2 / units


def main() -> int:
    """Counts all stages and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rfm", type=Path, required=True)
    parser.add_argument("--stages", type=Path, required=True)
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    if shutil.which("valgrind") is None:
        print("error: valgrind is missing; on Debian: apt-get install valgrind", file=sys.stderr)
        return 2
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, sample in SAMPLES.items():
            file = f"{folder}/{name}.csv"
            command = [options.rfm, "sample", "--lines", str(LINES), "--output", file]
            subprocess.run([*command, *sample, "--quiet"], check=True)
            found[f"features, {name}: a line"] = each(options.stages, ["features", file])
    found["K-Means: a point in a pass"] = each(options.stages, ["lloyd"])
    found["predict: a customer"] = each(options.stages, ["predict"])
    if options.update:
        rounded = {stage: round(value, 1) for stage, value in found.items()}
        COUNTS.write_text(json.dumps(rounded, indent=2) + "\n")
    before = json.loads(COUNTS.read_text())
    faults = []
    print("| stage | instructions | before |\n|---|---|---|")
    for stage, value in found.items():
        print(f"| {stage} | {value:.1f} | {before[stage]:.1f} |")
        if value > before[stage] * MOST:
            faults.append(f"{stage}: {value:.1f} instructions, expected about {before[stage]}")
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
