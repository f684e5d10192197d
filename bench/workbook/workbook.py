"""Times `rfm features` on a workbook beside calamine, which reads it for `rfm`, with
nothing but its cells.

Both run by turns. What else the machine does only adds to what they take, so the
bound holds for the least.

Exit codes: 0 all holds, 1 it does not, 2 the command line or the set-up is at fault.
"""

import argparse
import datetime
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

# What `rfm` may take as a multiple of the cells alone.
MOST = 1.3


def cpu(command: list[str | Path], folder: str) -> float:
    """The CPU seconds of a command that succeeds."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        print(f"error: {' '.join(map(str, command))} failed", file=sys.stderr)
        sys.exit(1)
    return usage.ru_utime + usage.ru_stime


def main() -> int:
    """Runs both by turns and prints a table in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workbook", type=Path)
    parser.add_argument("--rfm", type=Path, required=True)
    parser.add_argument("--cells", type=Path, required=True)
    parser.add_argument("--runs", type=int, default=7)
    options = parser.parse_args()
    for file in (options.workbook, options.rfm, options.cells):
        if not file.is_file():
            print(f"error: {file} is not there", file=sys.stderr)
            return 2
    workbook = options.workbook.absolute()
    commands: dict[str, list[str | Path]] = {
        "rfm features": [options.rfm.absolute(), "features", workbook, "--quiet"],
        "calamine, cells alone": [options.cells.absolute(), workbook],
    }
    used: dict[str, list[float]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(options.runs):
            for name, command in commands.items():
                used[name].append(cpu(command, folder))
    least = {name: min(seconds) for name, seconds in used.items()}
    cells = least["calamine, cells alone"]
    print(
        f"{datetime.date.today().isoformat()}, {platform.machine()}, "
        f"{os.cpu_count()} cores, {workbook.name}, {options.runs} runs\n"
    )
    print("| what | CPU s, least (to most) | over the cells alone |")
    print("|---|---|---|")
    for name, seconds in used.items():
        print(
            f"| {name} | {least[name]:.2f} (to {max(seconds):.2f}) "
            f"| {least[name] / cells:.2f} |"
        )
    if least["rfm features"] > MOST * cells:
        print(f"error: more than {MOST} times the cells alone", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
