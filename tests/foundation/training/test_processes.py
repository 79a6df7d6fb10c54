"""Several processes train one model, started here or by torchrun: they stop, go on, fail and die together."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from plait.core.errors import SettingsError, error_text
from plait.foundation.training.processes import check_count, gpu_index, is_launched_worker
from plait.foundation.unified.launch import run_lock
from tests.support.training_recipes import two_phases

PLAIT = [sys.executable, "-m", "plait"]
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "plait"]


def test_a_process_knows_its_rank_and_the_world_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not is_launched_worker()
    monkeypatch.setenv("WORLD_SIZE", "4")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert is_launched_worker()
    check_count(4)
    with pytest.raises(SettingsError) as raised:
        check_count(2)
    assert "run.processes = 2, and 4 were started" in error_text(raised.value)


def test_each_process_has_its_own_gpu_or_reports_the_setting() -> None:
    assert [gpu_index(rank, 2) for rank in range(2)] == [0, 1]
    with pytest.raises(SettingsError, match="more processes here than the 1 graphics card of this machine") as caught:
        gpu_index(1, 1)
    assert "write processes = 1" in caught.value.hint


@pytest.mark.parametrize(
    ("message", "quiet"),
    [("Connection closed by peer", True), pytest.param("Duplicate GPU detected", False, marks=pytest.mark.slow)],
)
def test_only_the_failure_of_another_process_is_ignored(message: str, quiet: bool) -> None:
    code = (
        "from plait.foundation.training.processes import exit_on_peer_failure\n"
        f"with exit_on_peer_failure(): raise RuntimeError({message!r})"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (process.returncode, message in process.stderr) == ((69, False) if quiet else (1, True))


def test_a_folder_is_locked_by_one_run_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.foundation.unified.launch.LOCK_TIMEOUT", 0.1)
    with run_lock(tmp_path / "run"), pytest.raises(SettingsError, match="another training is writing to"):
        with run_lock(tmp_path / "run"):
            raise AssertionError("two at once")
    with run_lock(tmp_path / "run"):
        pass


def start(command: list[str], folder: Path, out: str) -> "subprocess.Popen[str]":
    (folder / "two.toml").write_text(two_phases() + "processes = 2\n")
    arguments = [*command, "train", str(folder / "two.toml"), "--out", str(folder / out)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, start_new_session=True, env=environment)


def weights(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in (folder / "step-000024").glob("*.safetensors")}


def wait_for(is_there: Callable[[], object], within: float = 300.0) -> None:
    end = time.monotonic() + within
    while not is_there():
        assert time.monotonic() < end
        time.sleep(0.02)


def pids_of_run(folder: Path) -> list[int]:
    """The processes whose command names the folder."""
    pids: list[int] = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            pids += [int(path.parent.name)] if os.fsencode(folder) in path.read_bytes() else []
        except OSError:
            continue
    return pids


@pytest.mark.slow
@pytest.mark.timeout(1_200)
def test_ctrl_c_saves_and_the_same_command_resumes_to_the_same_weights(tmp_path: Path) -> None:
    with start(TORCHRUN, tmp_path, "unbroken") as unbroken:
        assert unbroken.wait() == 0
    with start(PLAIT, tmp_path, "stopped") as stopped:
        wait_for((tmp_path / "stopped" / "step-000003").exists)
        os.killpg(stopped.pid, signal.SIGINT)
        _, output = stopped.communicate()
        assert stopped.returncode == 130
        assert "the same command resumes" in output and "Traceback" not in output
    assert not weights(tmp_path / "stopped")
    with start(PLAIT, tmp_path, "stopped") as going_on:
        _, output = going_on.communicate()
        assert going_on.returncode == 0 and "resuming from" in output
    assert weights(tmp_path / "stopped") == weights(tmp_path / "unbroken") != {}


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_process_outlives_a_killed_launcher(tmp_path: Path) -> None:
    with start(PLAIT, tmp_path, "run") as launcher:
        wait_for((tmp_path / "run" / "losses.jsonl").exists)
        assert len(pids_of_run(tmp_path / "run")) == 3
        launcher.kill()
        launcher.wait()
        wait_for(lambda: not pids_of_run(tmp_path / "run"), within=20)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_killed_process_is_named_and_the_others_end(tmp_path: Path) -> None:
    with start(PLAIT, tmp_path, "run") as launcher:
        wait_for((tmp_path / "run" / "losses.jsonl").exists)
        last = max(pids_of_run(tmp_path / "run"))
        os.kill(last, signal.SIGKILL)
        _, output = launcher.communicate()
        assert launcher.returncode == 1
        assert "of the training was killed (SIGKILL)" in output and "Traceback" not in output
    assert not pids_of_run(tmp_path / "run")
