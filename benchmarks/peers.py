"""Runs models of other projects in an environment of their own and requests their measurements over a pipe.

`make peers` creates the environment from requirements-peers.txt. It uses Plait's own torch and numpy, so that both
sides compute with the same libraries. PLAIT_PEERS is the path of another Python to use instead.
"""

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
PYTHON = Path(os.environ.get("PLAIT_PEERS", ROOT / ".venv-peers" / "bin" / "python"))
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT / "src")}


class Peers:
    """A process of the peers' Python that runs a module of this folder, which calls `serve`."""

    def __init__(self, module: str, *arguments: str) -> None:
        if not PYTHON.exists():
            sys.exit(f"there is no Python of the peers at {PYTHON}: make peers")
        self.process = subprocess.Popen(
            [str(PYTHON), "-m", f"benchmarks.{module}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, **ENVIRONMENT},
        )

    def seconds(self, name: str) -> float:
        """CPU seconds of one measurement, by the peer's clock."""
        assert self.process.stdin is not None and self.process.stdout is not None
        print(name, file=self.process.stdin, flush=True)
        while line := self.process.stdout.readline():
            if line.startswith("took "):
                return float(line.split()[1])
        sys.exit(f"the peer ended while it was asked for {name}; its error stands above")

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def serve(measurements: Mapping[str, Callable[[], float]]) -> None:
    """The peer's side: reads names of measurements and writes their seconds until the input ends."""
    for line in sys.stdin:
        print(f"took {measurements[line.strip()]()}", flush=True)
