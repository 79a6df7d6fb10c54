"""A stage ends within its time, whatever it does, and a machine that lacks something is told at once."""

import time
from pathlib import Path

import pytest

from tools.gpu import machine, stages
from tools.gpu.machine import BRING, fault, missing, pinned
from tools.gpu.stages import run_stage

PRINTS = ["-n", "1", "-r", "1", "print('a word of the stage')"]
SLEEPS = ["-n", "1", "-r", "1", "import time; time.sleep(60)"]
DEAF = ["-n", "1", "-r", "1", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"]


def test_what_a_stage_prints_is_in_the_log_and_on_the_terminal(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    done = run_stage("words", "timeit", PRINTS, 20, tmp_path / "log.txt")
    assert (done.code, done.ended) == (0, "done")
    for text in ((tmp_path / "log.txt").read_text("utf-8"), capfd.readouterr().out):
        assert "== words, at most 20 s" in text and "a word of the stage" in text


def test_a_stage_that_fails_is_told_and_the_next_one_runs(tmp_path: Path) -> None:
    failed = run_stage("words", "a_module_that_is_not_there", [], 20, tmp_path / "log.txt")
    assert (failed.code, failed.ended) == (1, "failed")
    assert "No module named" in (tmp_path / "log.txt").read_text("utf-8")
    assert run_stage("words", "timeit", PRINTS, 20, tmp_path / "log.txt").code == 0


@pytest.mark.parametrize(("does", "signal"), [(SLEEPS, 15), (DEAF, 9)])
def test_a_stage_that_is_stuck_ends_at_its_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: list[str], signal: int
) -> None:
    monkeypatch.setattr(stages, "GRACE", 0.5)
    began = time.monotonic()
    stuck = run_stage("stuck", "timeit", does, 1.5, tmp_path / "log.txt")
    assert (stuck.code, stuck.ended) == (-signal, "stopped at its limit")
    assert time.monotonic() - began < 10


def test_packages_that_are_missing_are_named_with_their_versions(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing() == [] and fault(rehearsal=True) == ""
    monkeypatch.setitem(machine.NEEDED, "no_such_module", "pydantic")
    assert missing() == [pinned("pydantic")] and "==" in pinned("pydantic")
    assert f"cannot import what training needs: {pinned('pydantic')}" in fault(rehearsal=True)
    assert BRING in fault(rehearsal=True)


def test_a_run_without_a_gpu_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert "sees no CUDA device\n  → make gpu-rehearsal" in fault(rehearsal=False)
