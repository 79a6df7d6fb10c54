"""Confidence of the embedded model: fits the calibrations of the built-in tasks and measures them on the other half.

The same as `plait evaluate TASK --calibrate --limit N` for each task, with the figures beside this script. The
calibrations are written beside the tasks (src/plait/tasks/calibrations) and come with the package. Budget, on at least
500 values of each task: calibration error of ten bins <= 0.08, right above wrong (AUROC) >= 0.70. An interrupted run
goes on where it stopped; all of it takes about three hours of one core.

    PLAIT_URL=none python -m benchmarks.calibration [TASK ...]
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from benchmarks.measure import FOLDER, report
from plait.core.engine.calibration_files import save_calibration
from plait.core.evaluation.calibrate import calibrate
from plait.core.evaluation.calibration import CalibrationFigures
from plait.core.evaluation.evaluate import EvaluationPlan
from plait.service.catalog import find_task

ROWS = {"sort_message": 260, "extract_invoice": 104, "home_command": 330}  # of each file
AT_ONCE = 2  # more only wait for each other: a prompt of an invoice takes one core 20 seconds


def rounded_figures(figures: CalibrationFigures) -> dict[str, Any]:
    return json.loads(json.dumps(asdict(figures)), parse_float=lambda text: round(float(text), 4))


def measured(name: str, rows: int) -> dict[str, Any]:
    task, _ = find_task(name)
    plans = [
        EvaluationPlan(task.declaration, file, limit=rows, concurrency=AT_ONCE, wants_probs=True)
        for file in task.examples.held_out_files
    ]
    calibration, confidence = calibrate(plans, print)
    save_calibration(task.declaration, calibration)
    return {
        "model": calibration.model,
        "values": rounded_figures(confidence.values),
        "answers": rounded_figures(confidence.answers),
        "missing": confidence.missing,
    }


def main() -> None:
    file = FOLDER / "calibration.json"
    figures: dict[str, Any] = json.loads(file.read_text())["figures"] if file.is_file() else {}
    for name in sys.argv[1:] or ROWS:
        figures[name] = measured(name, ROWS[name])
        report("calibration", figures)


if __name__ == "__main__":
    main()
