"""Fine-tunes plait-nano on 160 pictures of another domain in a few minutes: scores on 40 others before and after.

The pictures are those of examples/forms.py; the commands are those of docs/how-to/your-own-pictures.md.

    python -m benchmarks.own_pictures
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measure import report

FORMS = Path(__file__).parent.parent / "examples" / "forms.py"
TASKS = ("locate", "detect")
MODELS = "[models.forms]\npath = 'forms.safetensors'\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run(folder, sys.executable, str(FORMS))
        started = time.monotonic()
        run(folder, "plait", "train", "--data", "forms")
        minutes = (time.monotonic() - started) / 60
        run(folder, "plait", "export", "runs/forms")
        (folder / "plait.toml").write_text(MODELS)
        scores = {task: {model: score(folder, task, model) for model in ("plait-nano", "forms")} for task in TASKS}
        scores["locate in worlds"] = {model: retained_accuracy(folder, model) for model in ("plait-nano", "runs/forms")}
    report("own_pictures", {"minutes": round(minutes, 1), "scores": scores})


def score(folder: Path, task: str, model: str) -> dict[str, float]:
    """Mean score of the answers to the held-out rows."""
    out = folder / f"{task}-{model}.json"
    data = f"forms/held-out/{task}.jsonl"
    run(folder, "plait", "evaluate", task, "--data", data, "--model", model, "--out", str(out))
    return round_interval(json.loads(out.read_text())["score"])


def retained_accuracy(folder: Path, model: str) -> dict[str, float]:
    """Retention of earlier abilities: Acc@0.5 in scenes of the worlds."""
    arguments = ("plait", "evaluate", "locate", "--suite", "unified", "--model", model, "--limit", "500", "--json")
    suite_report = json.loads(run(folder, *arguments))
    [result] = [
        each for each in suite_report["results"] if each["solver"] == suite_report["model"] and each["split"] == "seen"
    ]
    return round_interval(result["measures"]["Acc@0.5"])


def round_interval(interval: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 3) for name, value in interval.items()}


def run(folder: Path, *command: str) -> str:
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PLAIT_URL": "none"}
    process = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return process.stdout


if __name__ == "__main__":
    main()
