"""Time of this checkout's benchmarks over the time of the same ones in another checkout, interleaved in one run.

For refactorings: each ratio should stay within 1.03. On a noisy machine the quartiles are wider than that; the ratio of
the fastest rounds then says more. Each checkout measures in a process of its own, one at a time, in
the same environment; peers are left out.

    git worktree add ../before COMMIT && python -m benchmarks.two_checkouts ../before
"""

import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from benchmarks.measure import interleaved_timings, median, ratio, report
from benchmarks.measurement_process import MeasurementProcess

ROOT = Path(__file__).parent.parent
MEASUREMENTS = {  # per benchmark: rounds, names
    "unified_answer": (81, ("ours",)),
    "training_speed": (41, ("ours",)),
    "typed_over_free": (25, ("record_free", "record")),
}


def checkout_process(root: Path, benchmark: str) -> MeasurementProcess:
    """A process that makes the measurements of a checkout's benchmark."""
    command = [sys.executable, str(ROOT / "benchmarks" / "measurement_server.py"), benchmark]
    return MeasurementProcess(
        command, root, {"PYTHONPATH": f"{root / 'src'}{os.pathsep}{root}", "OMP_NUM_THREADS": "1"}
    )


def compare(benchmark: str, other_root: Path) -> dict[str, object]:
    """Milliseconds of each measurement on both sides, and the ratio of this checkout over the other."""
    this, other = checkout_process(ROOT, benchmark), checkout_process(other_root, benchmark)
    figures: dict[str, object] = {}
    rounds, names = MEASUREMENTS[benchmark]
    for name in names:
        timings = interleaved_timings(rounds, other=partial(other.seconds, name), this=partial(this.seconds, name))
        milliseconds = {side: round(1e3 * median(values), 2) for side, values in timings.items()}
        figures[name] = {
            "milliseconds": milliseconds,
            "this_over_other": ratio(timings, "this", "other"),
            "fastest_this_over_other": round(min(timings["this"]) / min(timings["other"]), 3),
        }
        print(benchmark, name, figures[name], flush=True)
    this.close()
    other.close()
    return figures


def main(other_root: Path) -> None:
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=other_root, capture_output=True, text=True, check=True)
    figures = {benchmark: compare(benchmark, other_root) for benchmark in MEASUREMENTS}
    report("two_checkouts", {"other_commit": commit.stdout.strip(), **figures})


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
