"""Copies the results of a GPU run to their places in the sources: weights, card, page of the card, scores, figures.

python -m tools.gpu.importing FOLDER    then look at `git diff`, and commit
"""

import argparse
import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from plait.core.errors import CheckpointError, PlaitError, error_text
from plait.foundation.cards.card import ModelCard, card_path, parse_card
from plait.foundation.cards.card_page import page
from plait.foundation.cards.header import read_header
from plait.foundation.training.checkpoint import digest
from plait.foundation.unified.weights.weight_files import load
from tools.gpu.plan import MAX_FILE_BYTES, NAME, ROOT

MAX_TOTAL_BYTES = 17_000_000  # of all weights: the tree is copied to the next machine with them
WEIGHTS = Path("src", "plait", "foundation", "cards", "weights")
PAGE = '<!-- [[[cog\nfrom cog_blocks import card\ncard("{name}")\n]]] -->\n{page}<!-- [[[end]]] -->\n'
COPY_AGAIN = "copy all files of the run again"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--into", type=Path, default=ROOT, help="the root of the sources")
    options = parser.parse_args()
    try:
        for file in import_results(options.folder, options.into):
            print(file)
    except PlaitError as error:
        sys.exit(error_text(error))


def import_results(folder: Path, root: Path) -> Iterator[Path]:
    """Writes each file and yields its path. Raises CheckpointError, before any change, if the weights may not ship."""
    weights = folder / f"{NAME}.safetensors"
    card, figures = checked_card(weights, root), read_figures(folder)
    into = root / WEIGHTS
    into.mkdir(parents=True, exist_ok=True)
    for old in into.glob(f"{weights.name}*"):
        old.unlink()
    for file in (*read_header(weights).files, card_path(weights)):
        yield Path(shutil.copy(file, into / file.name))
    yield write_text(root / "docs" / f"{NAME}.md", PAGE.format(name=NAME, page=page(card)))
    if (folder / "scores.json").exists():
        yield write_text(root / "benchmarks" / "base_suite.json", (folder / "scores.json").read_text("utf-8"))
    yield write_text(root / "benchmarks" / "base_run.json", json.dumps(figures, indent=2) + "\n")
    if figures.get("benchmarks"):
        yield write_text(root / "benchmarks" / "unified_cuda.json", json.dumps(figures["benchmarks"], indent=2) + "\n")


def checked_card(weights: Path, root: Path) -> ModelCard:
    """Checks that the weights are complete, small enough and not of a rehearsal; returns their card.

    Raises CheckpointError.
    """
    files, card = read_header(weights).files, parse_card(card_path(weights).read_bytes(), weights)
    sizes = [file.stat().st_size for file in files]
    if digest(b"".join(file.read_bytes() for file in files)) != card.sha256:
        raise CheckpointError(f"{weights} is not what its card was written for", hint=COPY_AGAIN)
    if sum(sizes) > MAX_TOTAL_BYTES or max(sizes) > MAX_FILE_BYTES:
        raise CheckpointError(
            f"{weights} takes {sum(sizes):,} bytes in {len(files)} files",
            details=(f"{MAX_TOTAL_BYTES:,} in all and {MAX_FILE_BYTES:,} in each may ship",),
            hint="train a smaller shape: [model] in recipes/base.toml",
        )
    if root == ROOT and read_figures(weights.parent).get("rehearsal"):
        raise CheckpointError(f"{weights} is of a rehearsal", hint="make gpu-import FOLDER=... of a run with a GPU")
    load(weights)
    return card


def read_figures(folder: Path) -> dict[str, Any]:
    """Contents of gpu.json; empty if there is none."""
    file = folder / "gpu.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else {}


def write_text(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")
    return file


if __name__ == "__main__":
    main()
