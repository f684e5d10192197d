"""Measures how time and memory of `rfm features` grow with the data.

Data are made up by `rfm sample`: files of several lengths, and of one length with
few and with many customers, in order and shuffled. Coefficients are fitted by least
squares of the relative errors, so that small files count as much as large ones.
"""

import argparse
import csv
import datetime
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy
from scale import Used, run, warm

SHUFFLE = "shuffled"
# By order: lines, and lines for each customer; options for `rfm sample`.
SIZES = {
    "in order": (
        (
            (1_000_000, 100),
            (2_000_000, 100),
            (5_000_000, 100),
            (10_000_000, 21),
            (10_000_000, 100),
            (10_000_000, 1000),
            (20_000_000, 100),
            (50_000_000, 100),
        ),
        [],
    ),
    SHUFFLE: (
        ((1_000_000, 100), (5_000_000, 100), (10_000_000, 21), (10_000_000, 100)),
        ["--shuffle"],
    ),
}


@dataclass(frozen=True)
class Run:
    """One file, and what it took."""

    lines: int
    customers: int
    invoices: int
    used: Used


def measure(rfm: Path, folder: Path, lines: int, options: list[str], runs: int) -> Run:
    """Makes a file up and rolls it up."""
    file = folder / "sample.csv"
    sample = [str(rfm), "sample", "--quiet", "--lines", str(lines), "--output", str(file)]
    run(sample + options, folder)
    command = [str(rfm), "features", str(file), "--quiet", "--threads", "2"]
    used = []
    for _ in range(runs):
        warm(file)
        used.append(run(command, folder))
    file.unlink()
    customers = invoices = 0
    with (folder / "data/processed/rfm_features.csv").open(newline="") as table:
        for row in csv.DictReader(table):
            customers += 1
            invoices += int(row["frequency"])
    # What else the machine does only adds to what a run takes.
    least = Used(
        min(one.cpu for one in used),
        min(one.wall for one in used),
        max(one.peak for one in used),
    )
    return Run(lines, customers, invoices, least)


def fit(rows: list[list[float]], found: list[float]) -> list[float]:
    """The coefficients of the columns, none below zero."""
    weights = 1 / numpy.array(found)
    matrix = numpy.array(rows) * weights[:, None]
    left = list(range(matrix.shape[1]))
    while True:
        solution = numpy.linalg.lstsq(matrix[:, left], numpy.ones(len(found)), rcond=None)[0]
        below = [column for column, value in zip(left, solution, strict=True) if value < 0]
        if not below:
            break
        left.remove(below[0])
    fitted = [0.0] * matrix.shape[1]
    for column, value in zip(left, solution, strict=True):
        fitted[column] = float(value)
    return fitted


def row(order: str, one: Run) -> str:
    """A run as a row of the table."""
    used = one.used
    return (
        f"| {order} | {one.lines:,} | {one.customers:,} | {one.invoices:,} "
        f"| {used.cpu:.2f} | {used.wall:.2f} | {used.peak / 1e6:.0f} |"
    )


def formula(order: str, found: list[Run]) -> str:
    """What fits the runs, as a row of a table."""

    def fitted(counts: list[list[int]], values: list[float]) -> list[float]:
        return fit([[1, *row] for row in counts], values)

    by_line = [[one.lines, one.customers] for one in found]
    start, line, customer = fitted(by_line, [one.used.cpu for one in found])
    cpu = f"{start:.2f} s + {line * 1e9:.0f} ns a line + {customer * 1e9:.0f} ns a customer"
    # Lines that stand apart from the others of their invoice are kept each.
    by_invoice = [[one.invoices, one.customers] for one in found]
    unit, counts = ("a line", by_line) if order == SHUFFLE else ("an invoice", by_invoice)
    start, each, customer = fitted(counts, [one.used.peak for one in found])
    memory = f"{start / 1e6:.0f} MB + {each:.0f} bytes {unit} + {customer:.0f} bytes a customer"
    return f"| {order} | {cpu} | {memory} |"


def main() -> int:
    """Measures all files and prints a table and formulas in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rfm", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if not options.rfm.is_file():
        print(f"error: {options.rfm} is not there", file=sys.stderr)
        return 2
    rfm = options.rfm.absolute()
    today = datetime.date.today().isoformat()
    print(f"{today}, {platform.machine()}, {os.cpu_count()} cores, {options.runs} runs\n")
    print("| order | lines | customers | invoices | CPU s | wall s | peak MB |")
    print("|---|---|---|---|---|---|---|")
    found: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for order, (sizes, extra) in SIZES.items():
            found[order] = []
            for lines, each in sizes:
                sample = ["--lines-per-customer", str(each), *extra]
                found[order].append(measure(rfm, folder, lines, sample, options.runs))
                print(row(order, found[order][-1]), flush=True)
    print("\n| order | CPU time | peak memory |\n|---|---|---|")
    for order, runs in found.items():
        print(formula(order, runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
