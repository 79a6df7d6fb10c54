"""Benchmarks, training and scoring on a machine with one GPU (H200 class) and 16 cores in nine minutes: `make gpu`.

Stages: CUDA benchmarks, training of plait-base by recipes/base.toml from the shipped weights, export, scores. Results
are written to $OUT or runs/gpu/out; `make gpu-import FOLDER=...` copies them to their places in the sources.
`--rehearsal` runs the same stages with a tiny model on a CPU.
"""

import argparse
import json
import os
import shutil
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

from tools.gpu.machine import device_name, machine_problem
from tools.gpu.plan import ROOT, Plan
from tools.gpu.stages import Stage, run_stage

MIN_SCORING_SECONDS = 15  # with less, no task is scored in time
PEAK_TFLOPS = "989"  # of an H200 or H100 in dense bf16, from the datasheet


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, help="time limit of all stages  [540, of a rehearsal 150]")
    parser.add_argument("--rehearsal", action="store_true")
    options = parser.parse_args()
    if problem := machine_problem(options.rehearsal):
        print(problem, file=sys.stderr)
        return 1
    return run(Plan.of(options.rehearsal, options.seconds))


def run(plan: Plan) -> int:
    """Runs all stages. Returns the exit code: 0 if the result has weights with scores."""
    began = time.time()
    shutil.rmtree(plan.run, ignore_errors=True)
    for folder in (plan.out, plan.run):
        folder.mkdir(parents=True, exist_ok=True)
    for old in plan.out.glob(f"{plan.weights.stem}*"):
        old.unlink()
    start = plan.initial_weights or "random weights"
    print(f"{device_name()}, {os.cpu_count()} cores, {plan.seconds} s; starts from {start}")
    stages = [run_benchmarks(plan), run_training(plan, began + plan.budget.training_end)]
    if not plan.weights.exists():  # training was killed: export its newest checkpoint
        stages.append(run_export(plan))
    copy_training_files(plan)
    until = began + plan.seconds - plan.budget.margin / 4
    if plan.weights.exists() and until > time.time() + MIN_SCORING_SECONDS:
        stages.append(run_scoring(plan, until))
    write_summary(plan, stages, time.time() - began)
    return int(any(each.code for each in stages[1:]) or not plan.weights.exists())


def run_benchmarks(plan: Plan) -> Stage:
    """Runs the CUDA benchmarks; without a device the script reports that and exits."""
    peak = {"PEAK_TFLOPS": os.environ.get("PEAK_TFLOPS", PEAK_TFLOPS)}
    module = "benchmarks.unified_cuda"
    stage = run_stage("benchmarks", module, [], plan.budget.benchmarks, plan.out / "log.txt", peak)
    return replace(stage, ended="skipped without CUDA") if device_name() == "cpu" else stage


def run_training(plan: Plan, until: float) -> Stage:
    arguments = ["--until", f"{until:.0f}", "--run", str(plan.run), "--out", str(plan.out), *from_arguments(plan)]
    arguments += ["--rehearsal"] * plan.rehearsal
    limit = until - time.time() + plan.budget.margin * 0.6
    return run_stage("training", "tools.gpu.training", arguments, limit, plan.out / "log.txt")


def run_export(plan: Plan) -> Stage:
    arguments = [str(plan.run), str(plan.out), *from_arguments(plan)]
    return run_stage("export", "tools.gpu.exporting", arguments, 60, plan.out / "log.txt")


def run_scoring(plan: Plan, until: float) -> Stage:
    arguments = [str(plan.weights), "--until", f"{until:.0f}", "--questions", str(plan.questions)]
    environment = {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}
    limit = until - time.time() + 3
    return run_stage("scores", "tools.gpu.scoring", arguments, limit, plan.out / "log.txt", environment)


def from_arguments(plan: Plan) -> list[str]:
    return ["--from", str(plan.initial_weights)] if plan.initial_weights else []


def copy_training_files(plan: Plan) -> None:
    """Copies the files of training, besides the weights, to the folder of results."""
    for name in ("losses.jsonl", "curves.png"):
        if (plan.run / name).exists():
            shutil.copy(plan.run / name, plan.out / name)


def write_summary(plan: Plan, stages: list[Stage], seconds: float) -> None:
    """Writes gpu.json and prints the final summary."""
    figures = ROOT / "benchmarks" / "unified_cuda.json"
    benchmark_figures = json.loads(figures.read_text("utf-8")) if stages[0].code == 0 and figures.exists() else None
    conditions = {
        "device": device_name(),
        "cores": os.cpu_count(),
        "seconds": round(seconds, 1),
        "rehearsal": plan.rehearsal,
    }
    report = {**conditions, "stages": [asdict(each) for each in stages], "benchmarks": benchmark_figures}
    (plan.out / "gpu.json").write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    print(f"\n{seconds:.0f} s: " + ", ".join(f"{each.name} {each.ended} ({each.seconds:.0f} s)" for each in stages))
    for file in sorted(plan.out.iterdir()):
        print(f"  {file.stat().st_size / 1e6:8.2f} MB  {file}")
    if plan.weights.exists():
        print(f"keep the results: make gpu-import FOLDER={relative_path(plan.out)}, then look at git diff and commit")


def relative_path(folder: Path) -> Path:
    return folder.relative_to(ROOT) if folder.is_relative_to(ROOT) else folder


if __name__ == "__main__":
    sys.exit(main())
