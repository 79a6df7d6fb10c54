"""`plait evaluate --suite`: from the shell, baselines included, and what cannot be asked of it."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running_server import run_plait


def test_a_baseline_is_evaluated_on_one_task(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    result = run_plait(
        "evaluate", "matches", "--suite", "unified", "--model", "majority", "--limit", "8", "--out", str(file)
    )
    assert result.code == 0, result.err
    lines = result.out.splitlines()
    assert lines[0].startswith("unified · majority · seed 1 · ")
    assert any(line.startswith("  AUC") and line.split()[-3] == "8" for line in lines)
    assert "matches: a style never seen" in result.out and "locate" not in result.out
    report = json.loads(file.read_text("utf-8"))
    assert (report["suite"], report["model"]) == ("unified", "majority") and report["results"][0]["task"] == "matches"


@pytest.mark.slow
def test_with_json_only_json_is_printed() -> None:
    result = run_plait("evaluate", "restore_text", "--suite", "unified", "--model", "blind", "--limit", "4", "--json")
    assert result.code == 0, result.err
    assert {each["solver"] for each in json.loads(result.out)["results"]} == {"blind", "majority", "nearest"}


@pytest.mark.parametrize(
    ("arguments", "why", "hint"),
    [
        (["--suite", "other"], "no suite is called 'other'", "known: unified"),
        (["home_command", "--suite", "unified"], "home_command is not in the suite unified", "its tasks are locate"),
        (["--suite", "unified", "--data", "rows.csv"], "--data cannot be combined with --suite", "--limit"),
        (["--suite", "unified", "--shots", "0"], "--shots cannot be combined with --suite", "--model"),
        (["--suite", "unified", "--out", "x.html"], "--out takes .json for a suite, not x.html", ""),
        (["--suite", "unified", "--out", "none/x.json"], "there is no folder none", ""),
        ([], "no task was given", "--suite unified"),
        (["home_command", "--json"], "--json needs --suite", "--out report.json"),
    ],
)
def test_invalid_arguments_are_reported(arguments: list[str], why: str, hint: str) -> None:
    result = run_plait("evaluate", *arguments)
    assert result.code == 2 and result.out == ""
    assert why in result.err and hint in result.err


@pytest.mark.slow
def test_an_interrupted_evaluation_prints_its_partial_results() -> None:
    # A shell's background jobs ignore SIGINT; a person's terminal does not.
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from plait.cli import main; main()"
    command = [sys.executable, "-c", code, "evaluate", "--suite", "unified", "--model", "majority", "--limit", "150"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as running:
        assert running.stderr is not None and running.stdout is not None
        assert running.stderr.readline().startswith("asking ")
        running.send_signal(signal.SIGINT)
        out = running.stdout.read()
    assert running.returncode == 0
    assert "stopped: these are the first of" in out
