"""Makes docs/gallery.md: scenes, the answers of a model through the public task API, and whether they are right.

python -m tools.gallery
python -m tools.gallery --run runs/nano --into FOLDER    a training run that is not exported yet

For each task that takes a picture, the first scene of the seed in which it can be asked in both languages, from a
style and from combinations that are held out from training, in turn. No scene is selected by its answers.
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from plait.foundation.unified.suite.solver import Solver
from tools.gallery.drawing import draw_row
from tools.gallery.questions import TaskCallSolver, answer_question, scene_questions
from tools.gallery.table import ANSWERS, PAGE, page

ROOT = Path(__file__).parent.parent.parent
MODEL = "plait-nano"
SEED = 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--run", type=Path, help="folder of a training run, whose averaged weights answer instead of plait-nano"
    )
    parser.add_argument("--into", type=Path, default=ROOT / "docs")
    args = parser.parse_args()
    write_gallery(args.into, run_solver(args.run) if args.run else TaskCallSolver(MODEL))


def run_solver(run: Path) -> Solver:
    from plait.foundation.unified.suite.trained_solver import trained_solver

    return trained_solver(str(run))


def write_gallery(into: Path, solver: Solver) -> None:
    """Writes gallery.md, and beside it the folder gallery/ with the pictures and the answers."""
    folder = into / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    rows = [answer_question(each, solver) for each in scene_questions(SEED)]
    for row in rows:
        if row.has_image:
            draw_row(row).save(folder / f"{row.question.task}.webp", quality=88)
    payload = {"model": solver.name, "seed": SEED, "rows": [asdict(row.table_row) for row in rows]}
    (folder / ANSWERS).write_text(json.dumps(payload, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (into / PAGE).write_text(page(folder), "utf-8")


if __name__ == "__main__":
    main()
