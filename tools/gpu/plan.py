"""Folders and time budget of one run on a GPU machine, and its training recipe."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "recipes" / "base.toml"
NAME = "plait-base"
MAX_FILE_BYTES = 15 * 2**20  # of one file of weights


@dataclass(frozen=True)
class Budget:
    """Seconds of each stage within `total`; training gets the rest."""

    total: int
    benchmarks: int
    scoring: int
    margin: int

    @staticmethod
    def of(total: int) -> "Budget":
        """The budget for `total` seconds.

        With 540: 60 for benchmarks, 60 for scoring, 30 for the last checkpoint, the export and the summary.
        """
        return Budget(total, max(25, total // 9), max(35, total // 9), max(20, total // 18))

    @property
    def training_end(self) -> int:
        """Seconds after the start at which the last step of training ends."""
        return self.total - self.scoring - self.margin


@dataclass(frozen=True)
class Plan:
    """Folders and limits of a run; `shipped` is the folder of the weights that training continues from.

    `rehearsal` runs the same stages with a tiny model on the CPU, in separate folders.
    """

    rehearsal: bool
    seconds: int
    out: Path
    runs: Path
    shipped: Path
    questions: int  # of each task in each split, for the scores

    @staticmethod
    def of(rehearsal: bool, seconds: int | None = None, out: Path | None = None, shipped: Path | None = None) -> "Plan":
        runs = ROOT / "runs" / ("gpu-rehearsal" if rehearsal else "gpu")
        out = out or Path(os.environ.get("OUT") or runs / "out")
        shipped = shipped or (runs / "shipped" if rehearsal else weights_folder())
        return Plan(rehearsal, seconds or (150 if rehearsal else 540), out, runs, shipped, 2 if rehearsal else 32)

    @property
    def budget(self) -> Budget:
        return Budget.of(self.seconds)

    @property
    def run(self) -> Path:
        """Folder of the training run; the card uses its name as the name of the recipe."""
        return self.runs / RECIPE.stem

    @property
    def weights(self) -> Path:
        return self.out / f"{NAME}.safetensors"

    @property
    def initial_weights(self) -> Path | None:
        """The shipped weights that training continues from; None for the first run."""
        file = self.shipped / f"{NAME}.safetensors"
        return file if file.exists() else None


def weights_folder() -> Path:
    """Folder of the weights that ship with Plait."""
    return ROOT / "src" / "plait" / "foundation" / "cards" / "weights"
