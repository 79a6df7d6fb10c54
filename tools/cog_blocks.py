"""Generates parts of README and docs: output of commands, files, and tables from recorded measurements (cog)."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import cog
from gallery.table import table

ROOT = Path(__file__).parent.parent


def show_commands(*commands: str, language: str = "console") -> None:
    """A fenced block with each command and its output. Commands run in the repository, without a server."""
    cog.outl(f"```{language}")
    for command in commands:
        cog.outl(f"$ {command}")
        cog.outl(command_output(command).rstrip())
    cog.outl("```")


def command_output(command: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PLAIT_URL": "none", "COLUMNS": "100"}
    process = subprocess.run(
        shlex.split(command), capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    return re.sub(r"[ \t]+$", "", process.stdout + process.stderr, flags=re.MULTILINE)


def show_file(name: str, language: str = "python", since: str = "", until: str = "") -> None:
    """A file of the repository, as it stands; the part from the line that begins with `since` up to that of `until`."""
    text = (ROOT / name).read_text()
    if since:
        text = since + text.partition(f"\n{since}")[2]
    if until:
        text = text.partition(f"\n{until}")[0]
    cog.outl(f"```{language}\n{text.rstrip()}\n```")


def figures(*rows: tuple[str, ...]) -> None:
    """A table of figures from benchmarks/*.json; a row is a description, a script, and the path of the figure."""
    cog.outl("| what | script | figure |")
    cog.outl("| --- | --- | --- |")
    for label, script, *steps in rows:
        value = json.loads((ROOT / "benchmarks" / f"{script}.json").read_text())["figures"]
        for step in steps:
            value = value[step]
        cog.outl(f"| {label} | `{script}` | {value} |")


def gallery(*tasks: str) -> None:
    """Rows of docs/gallery.md for a page that lies beside docs."""
    for line in table(ROOT / "docs" / "gallery", "docs/gallery/", tasks):
        cog.outl(line)


def card(name: str) -> None:
    """The page of a model that ships with Plait, from its model card."""
    from plait.foundation.cards.card import parse_card
    from plait.foundation.cards.card_page import page
    from plait.foundation.cards.shipped import FOLDER

    file = FOLDER / f"{name}.json"
    cog.outl(page(parse_card(file.read_bytes(), file)).rstrip())


MAIN_MEASURES = {
    "locate": ("Acc@0.5",), "describe_region": ("noun",), "matches": ("AUC",), "describe": ("noun recall", "exact"),
    "ask": ("accuracy",), "detect": ("F1@0.5", "F1@0.5 boxes", "AP@[.5:.95]"), "restore_text": ("exact",),
    "draw": ("objects", "counts", "ground colour", "position", "as asked"), "restore_image": ("recall", "PSNR", "SSIM"),
}  # fmt: skip
SPLITS = ("seen", "style", "identities", "triples")


def unified_scores() -> None:
    """The main measures of the suite, by split, and the best baseline without a model."""
    columns = ("training scenes", "held-out style", "held-out pictograms", "held-out combinations", "without a model")
    cog.outl(f"| task | measure | {' | '.join(columns)} |")
    cog.outl(f"| --- | --- |{' --- |' * len(columns)}")
    report = json.loads((ROOT / "benchmarks" / "unified_suite.json").read_text("utf-8"))
    measures_by_key = {(each["task"], each["split"], each["solver"]): each["measures"] for each in report["results"]}
    rivals = {solver for _, _, solver in measures_by_key} - {report["model"]}
    measured_tasks = {
        task: measures for task, measures in MAIN_MEASURES.items() if (task, "seen", report["model"]) in measures_by_key
    }
    for task, measure in ((task, each) for task, measures in measured_tasks.items() for each in measures):
        cells = [mean_text(measures_by_key.get((task, split, report["model"]), {}).get(measure)) for split in SPLITS]
        baseline_means = [(measures_by_key[task, "seen", rival].get(measure) or {}).get("mean") for rival in rivals]
        best = max((each for each in baseline_means if each is not None), default=None)
        best_text = "" if best is None else f"{best:.2f}"
        cog.outl(f"| {task} | {measure} | **{cells[0]}** | {' | '.join((*cells[1:], best_text))} |")


def mean_text(interval: dict[str, float] | None) -> str:
    return "" if interval is None else f"{interval['mean']:.3f}"


def scores() -> None:
    """Scores of the model and its baselines, from each recorded report of `plait evaluate`."""
    cog.outl("| task | rows | | all fields correct | score | lead of the model (all fields correct) |")
    cog.outl("| --- | --- | --- | --- | --- | --- |")
    for path in sorted((ROOT / "benchmarks" / "scores").glob("*.json")):
        report = json.loads(path.read_text("utf-8"))
        model = report["model"].partition("@")[0]
        rows = f"{report['score']['count']} ({Path(report['data']).stem.partition('.')[2] or 'held out'})"
        cog.outl(
            f"| **{report['task']}** | {rows} | {model} | {interval_text(report['exact'])} "
            f"| {interval_text(report['score'])} | |"
        )
        for rival in report["rivals"]:
            ahead = rival["ahead_exact"]
            chance = ", may be chance" if ahead["gain"]["low"] <= 0 <= ahead["gain"]["high"] else ""
            gain = f"{ahead['gain']['mean']:+.3f} [{ahead['gain']['low']:+.3f}, {ahead['gain']['high']:+.3f}]{chance}"
            cog.outl(
                f"| | | {rival['name']} | {interval_text(rival['exact'])} | {interval_text(rival['score'])} | {gain} |"
            )


def short_scores(*reports: str) -> None:
    """A list: answers with all fields correct, of the model and of a copy of the nearest example."""
    parts: list[str] = []
    for name in reports:
        payload = json.loads((ROOT / "benchmarks" / "scores" / f"{name}.json").read_text("utf-8"))
        (copied,) = [each for each in payload["rivals"] if each["name"] == "copy of the nearest example"]
        figures = f"{payload['exact']['mean']:.2f} of {payload['score']['count']}"
        parts.append(f"`{payload['task']}` {figures} (copying the nearest example: {copied['exact']['mean']:.2f})")
    cog.outl("\n".join(f"- {part}" for part in parts))


def seconds() -> None:
    """Seconds per answer of each task, measured by `benchmarks.task_seconds`."""
    cog.outl("| task | warm p50 | p95 | cold p50 | p95 | answers |")
    cog.outl("| --- | --- | --- | --- | --- | --- |")
    figures = json.loads((ROOT / "benchmarks" / "task_seconds.json").read_text())["figures"]
    for name, timings in figures.items():
        warm, cold = timings["warm"], timings["cold"]
        answer_counts = f"{warm['answers'] + cold['answers']} of {warm['asked'] + cold['asked']}"
        cog.outl(f"| {name} | {warm['p50']} | {warm['p95']} | {cold['p50']} | {cold['p95']} | {answer_counts} |")


def interval_text(interval: dict[str, float]) -> str:
    return f"{interval['mean']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"


def losses() -> None:
    """Results of short trainings with all auxiliary losses, and with some of them off."""
    arms = json.loads((ROOT / "benchmarks" / "training_losses.json").read_text("utf-8"))["figures"]["arms"]
    columns = {
        "rank": "named object more likely",
        "matches_auc": "matches, AUC",
        "exists_auc": "exists, AUC",
        "noun_spread": "spread of noun logits",
        "text": "text",
        "boxes": "boxes",
        "truth": "truth",
    }
    cog.outl(f"| losses | {' | '.join(columns.values())} |")
    cog.outl(f"| --- |{' --- |' * len(columns)}")
    for name, arm in arms.items():
        cog.outl(f"| {name} | {' | '.join(f'{arm[key]:.2f}' for key in columns)} |")
