"""`plait evaluate --calibrate`: confidence fitted and measured from the shell, then used by calls and reports."""

import json
from pathlib import Path

import pytest

from tests.support.running_server import run_plait

TASKS = '''from math import log
from typing import Literal
from plait import task
from plait.core.engine.chat import ChatEngine
from plait.core.engine.protocol import Finish, TextDelta, TokenProbs, Usage

@task
def sort(text: str) -> Literal["a", "b"]:
    """Sort {text}."""
    ...

class Guesser:
    """Always answers "a", more surely where that is right."""
    name, digest, accepts, box_format = "guesser", "1", frozenset(), ""

    async def chat(self, prompt, grammar, sampling):
        sure = 0.95 if "Sort a" in prompt.messages[-1].content else 0.55
        for character in '"a"':
            yield TextDelta(character, (TokenProbs(character.encode(), log(sure), ()),) if sampling.candidates else ())
        yield Finish(Usage())

    async def aclose(self): ...

class Mute(Guesser):
    name = "mute"

    async def chat(self, prompt, grammar, sampling):
        yield TextDelta('"a"')
        yield Finish(Usage())

class Adapted(Guesser):
    name, is_specialized = "adapted", True

sort.code_engines += [ChatEngine(Guesser()), ChatEngine(Mute()), ChatEngine(Adapted())]
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sorting.py").write_text(TASKS)
    rows = [{"text": f"{letter}{number}", "answer": letter} for number in range(70) for letter in "ab"]
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def evaluate(*arguments: str):
    return run_plait("evaluate", "sorting.py:sort", "--model", "guesser", "--data", "rows.jsonl", *arguments)


def test_a_calibration_is_printed_kept_and_used(folder: Path) -> None:
    made = evaluate("--calibrate")
    assert made.code == 0, made.err
    assert made.out.startswith("sort · guesser@1 · confidence, on rows that it was not fitted on\n")
    assert "right above wrong  1.000" in made.out and "risk=0.01  cannot be kept" in made.out
    file = folder / "calibrations" / "sort.guesser.json"
    assert f"wrote {file}" in made.err and json.loads(file.read_text())["model"] == "guesser@1"

    call = ("run", "sorting.py:sort", "--model", "guesser", "--min-confidence", "0.8", "--text")
    assert json.loads(run_plait(*call, "a8").out) == "a"
    unsure = run_plait(*call, "b8")
    assert unsure.code != 0 and unsure.out == "" and unsure.err.startswith("Unsure: the confidence of sort")
    detailed = run_plait("run", "sorting.py:sort", "--model", "guesser", "--detailed", "--text", "b8")
    assert json.loads(detailed.out)["confidence"][""] < 0.2

    report = evaluate("--out", "report.json", "--out", "report.md")
    assert "confidence, on the rows that it was not fitted on" in report.out
    saved = json.loads((folder / "report.json").read_text())["confidence"]["answers"]
    assert saved["auroc"]["mean"] == 1 and 40 < saved["count"] < 100
    assert "## Confidence" in (folder / "report.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "why", "hint"),
    [
        (["--calibrate", "--limit", "12"], "answers to fit a calibration on", "at least 20 each are needed"),
        (["--calibrate", "--model", "mute"], "reports no token probabilities", "logprobs"),
        (["--calibrate", "--against", "shots=0"], "--against cannot be combined with --calibrate", "evaluate first"),
    ],
)
def test_what_cannot_be_calibrated_is_said(folder: Path, arguments: list[str], why: str, hint: str) -> None:
    result = evaluate(*arguments)
    assert result.code == 2 and why in result.err and hint in result.err
    assert not (folder / "calibrations").exists()


def test_an_adapted_model_is_calibrated_without_examples_as_it_is_asked(folder: Path) -> None:
    for name, shots in (("guesser", 4), ("adapted", 0)):
        made = run_plait(
            "evaluate", "sorting.py:sort", "--model", name, "--data", "rows.jsonl", "--calibrate", "--at-once", "8"
        )
        assert made.code == 0, made.err
        assert json.loads((folder / f"calibrations/sort.{name}.json").read_text())["shots"] == shots
