"""Runs models of other projects in an environment of their own and requests their measurements over a pipe.

`make peers` creates the environment from requirements-peers.txt. It uses Plait's own torch and numpy, so that both
sides compute with the same libraries. PLAIT_PEERS is the path of another Python to use instead.
"""

import os
import sys
from pathlib import Path

from benchmarks.measurement_process import MeasurementProcess

ROOT = Path(__file__).parent.parent
PYTHON = Path(os.environ.get("PLAIT_PEERS", ROOT / ".venv-peers" / "bin" / "python"))
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(ROOT / "src")}


class Peers(MeasurementProcess):
    """A process of the peers' Python that runs a module of this folder, which calls `serve`."""

    def __init__(self, module: str, *arguments: str) -> None:
        if not PYTHON.exists():
            sys.exit(f"there is no Python of the peers at {PYTHON}: make peers")
        super().__init__([str(PYTHON), "-m", f"benchmarks.{module}", *arguments], ROOT, ENVIRONMENT)
