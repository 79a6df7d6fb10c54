"""A stage ends within its time limit, and a machine that lacks a package or a GPU is refused at once."""

import time
from importlib.metadata import requires
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.gpu import machine, stages
from tools.gpu.machine import MAY_BE_MISSING, REQUIRED, WHEELS_COMMAND, machine_problem, missing_packages, pin
from tools.gpu.stages import run_stage

PRINTS = ["-n", "1", "-r", "1", "print('a line of the stage')"]
SLEEPS = ["-n", "1", "-r", "1", "import time; time.sleep(60)"]
IGNORES_SIGTERM = ["-n", "1", "-r", "1", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"]


def test_output_of_a_stage_goes_to_the_log_and_to_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    result = run_stage("words", "timeit", PRINTS, 20, tmp_path / "log.txt")
    assert (result.code, result.ended) == (0, "done")
    for text in ((tmp_path / "log.txt").read_text("utf-8"), capfd.readouterr().out):
        assert "== words, at most 20 s" in text and "a line of the stage" in text


def test_a_failing_stage_is_reported_and_the_next_one_runs(tmp_path: Path) -> None:
    failed = run_stage("words", "a_module_that_is_not_there", [], 20, tmp_path / "log.txt")
    assert (failed.code, failed.ended) == (1, "failed")
    assert "No module named" in (tmp_path / "log.txt").read_text("utf-8")
    assert run_stage("words", "timeit", PRINTS, 20, tmp_path / "log.txt").code == 0


@pytest.mark.parametrize(("arguments", "signal"), [(SLEEPS, 15), (IGNORES_SIGTERM, 9)])
def test_a_hanging_stage_ends_at_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], signal: int
) -> None:
    monkeypatch.setattr(stages, "GRACE", 0.5)
    began = time.monotonic()
    stuck = run_stage("stuck", "timeit", arguments, 1.5, tmp_path / "log.txt")
    assert (stuck.code, stuck.ended) == (-signal, "stopped at its limit")
    assert time.monotonic() - began < 60


def test_missing_packages_are_named_with_their_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing_packages() == [] and machine_problem(rehearsal=True) == ""
    monkeypatch.setitem(machine.REQUIRED, "no_such_module", "pydantic")
    assert missing_packages() == [pin("pydantic")] and "==" in pin("pydantic")
    assert f"cannot import what training needs: {pin('pydantic')}" in machine_problem(rehearsal=True)
    assert WHEELS_COMMAND in machine_problem(rehearsal=True)


def test_required_packages_include_matplotlib_and_its_requirements() -> None:
    """Without one of them the training curves would not be drawn."""
    requirements = (Requirement(each) for each in requires("matplotlib") or ())
    names = {each.name for each in requirements if each.marker is None or each.marker.evaluate({"extra": ""})}
    assert {"matplotlib", *names} <= set(REQUIRED.values())
    assert {"matplotlib", *names} - set(MAY_BE_MISSING) <= {"numpy", "packaging", "pillow"}


def test_a_run_without_a_gpu_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "sees no CUDA device\n  → make gpu-rehearsal" in machine_problem(rehearsal=False)
