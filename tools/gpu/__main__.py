"""Everything for a machine with one GPU of the class of an H200 and 16 cores, within nine minutes: `make gpu`.

CUDA benchmarks, training of plait-base by recipes/base.toml from the weights that ship, export, scores. What is to be
committed comes into $OUT or runs/gpu/out; `make gpu-import FOLDER=...` puts it in its place. `--rehearsal` runs the
same stages with a tiny model on a CPU.
"""

import argparse
import json
import os
import shutil
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

from tools.gpu.machine import device, fault
from tools.gpu.plan import ROOT, Plan
from tools.gpu.stages import Stage, run_stage

LEAST = 15  # seconds that are enough for some scores
PEAK_TFLOPS = "989"  # of an H200 or H100 in dense bf16, from the datasheet


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seconds", type=int, help="for everything together  [540, of a rehearsal 150]")
    options.add_argument("--rehearsal", action="store_true")
    given = options.parse_args()
    if words := fault(given.rehearsal):
        print(words, file=sys.stderr)
        return 1
    return run(Plan.of(given.rehearsal, given.seconds))


def run(plan: Plan) -> int:
    """Runs all stages. Returns the exit code: 0 if the result has weights with scores."""
    began = time.time()
    shutil.rmtree(plan.run, ignore_errors=True)
    for folder in (plan.out, plan.run):
        folder.mkdir(parents=True, exist_ok=True)
    for old in plan.out.glob(f"{plan.weights.stem}*"):
        old.unlink()
    print(f"{device()}, {os.cpu_count()} cores, {plan.seconds} s; begins from {plan.begun_from or 'random weights'}")
    stages = [benchmarks(plan), training(plan, began + plan.budget.trained)]
    if not plan.weights.exists():  # training was killed: export its newest checkpoint
        stages.append(exporting(plan))
    copied(plan)
    until = began + plan.seconds - plan.budget.margin / 4
    if plan.weights.exists() and until > time.time() + LEAST:
        stages.append(scoring(plan, until))
    summary(plan, stages, time.time() - began)
    return int(any(each.code for each in stages[1:]) or not plan.weights.exists())


def benchmarks(plan: Plan) -> Stage:
    """Runs the CUDA benchmarks; without a device the script reports that and exits."""
    peak = {"PEAK_TFLOPS": os.environ.get("PEAK_TFLOPS", PEAK_TFLOPS)}
    module = "benchmarks.unified_cuda"
    stage = run_stage("benchmarks", module, [], plan.budget.benchmarks, plan.out / "log.txt", peak)
    return replace(stage, ended="skipped without CUDA") if device() == "cpu" else stage


def training(plan: Plan, until: float) -> Stage:
    arguments = ["--until", f"{until:.0f}", "--run", str(plan.run), "--out", str(plan.out), *begun_from(plan)]
    arguments += ["--rehearsal"] * plan.rehearsal
    limit = until - time.time() + plan.budget.margin * 0.6
    return run_stage("training", "tools.gpu.training", arguments, limit, plan.out / "log.txt")


def exporting(plan: Plan) -> Stage:
    arguments = [str(plan.run), str(plan.out), *begun_from(plan)]
    return run_stage("export", "tools.gpu.exporting", arguments, 60, plan.out / "log.txt")


def scoring(plan: Plan, until: float) -> Stage:
    arguments = [str(plan.weights), "--until", f"{until:.0f}", "--questions", str(plan.questions)]
    alone = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    limit = until - time.time() + 3
    return run_stage("scores", "tools.gpu.scoring", arguments, limit, plan.out / "log.txt", alone)


def begun_from(plan: Plan) -> list[str]:
    return ["--from", str(plan.begun_from)] if plan.begun_from else []


def copied(plan: Plan) -> None:
    """Copies the other files of training to the folder of results."""
    for name in ("losses.jsonl", "curves.png"):
        if (plan.run / name).exists():
            shutil.copy(plan.run / name, plan.out / name)


def summary(plan: Plan, stages: list[Stage], seconds: float) -> None:
    """Writes gpu.json and prints the final summary."""
    figures = ROOT / "benchmarks" / "unified_cuda.json"
    measured = json.loads(figures.read_text("utf-8")) if stages[0].code == 0 and figures.exists() else None
    facts = {"device": device(), "cores": os.cpu_count(), "seconds": round(seconds, 1), "rehearsal": plan.rehearsal}
    told = {**facts, "stages": [asdict(each) for each in stages], "benchmarks": measured}
    (plan.out / "gpu.json").write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    print(
        f"\n{seconds:.0f} s in all: " + ", ".join(f"{each.name} {each.ended} ({each.seconds:.0f} s)" for each in stages)
    )
    for file in sorted(plan.out.iterdir()):
        print(f"  {file.stat().st_size / 1e6:8.2f} MB  {file}")
    if plan.weights.exists():
        print(f"to keep it: make gpu-import FOLDER={shown(plan.out)}, then look at git diff and commit")


def shown(folder: Path) -> Path:
    return folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder


if __name__ == "__main__":
    sys.exit(main())
