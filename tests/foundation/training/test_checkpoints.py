"""Checkpoints are whole or absent, whenever the process that saves them is killed."""

import os
import random
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from plait.core.errors import CheckpointError, error_text
from plait.foundation.training.checkpoint import RunFingerprint, load
from plait.foundation.training.checkpoints import Checkpoints
from tests.support import saved_checkpoints as saving

KILLS, MAX_KILLS = 15, 60


@dataclass(frozen=True)
class Moment:
    """When to kill: after so many saves, then after so many seconds of the next one."""

    saves: int
    seconds: float


def moments(save: Callable[[int], object]) -> list[Moment]:
    """Moments before, in and after a save, in random order; a save takes as long as on this machine as busy as it is.

    The saves are counted rather than timed: beside other work one may take many times as long as the one before.
    """
    started = time.monotonic()
    save(1)
    duration = time.monotonic() - started
    rolled = random.Random(7)
    return [Moment(rolled.randrange(3), rolled.uniform(0.0, max(0.02, duration))) for _ in range(MAX_KILLS)]


def forked_while_saving(save: Callable[[int], object], step: int, moment: Moment) -> None:
    """A fork of this process saves one checkpoint after the other from `step` on, and is killed at the moment."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            torch.set_num_threads(1)  # a fork has none of the threads that its parent computed with
            while True:
                os.write(writing, b"!")
                step += 1
                save(step)
        finally:
            os._exit(1)
    for _ in range(1 + moment.saves):
        os.read(reading, 1)
    time.sleep(moment.seconds)
    os.kill(child, signal.SIGKILL)
    os.close(reading)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL


def test_a_checkpoint_is_complete_or_absent_whenever_its_writer_is_killed(tmp_path: Path) -> None:
    checkpoints = Checkpoints(tmp_path)

    def save(step: int) -> None:
        checkpoints.save(saving.checkpoint(step))

    step, half_written = 1, 0
    for count, moment in enumerate(moments(save)):
        if count >= KILLS and step > 3 and half_written >= 3:
            break  # a busy machine needs more kills until some are in the middle of a write, and some behind one
        forked_while_saving(save, step, moment)
        half_written += any(tmp_path.glob(".step-*"))
        newest, faults = checkpoints.newest()
        assert not faults
        checkpoints.remove_leftovers()
        assert not list(tmp_path.glob(".*"))
        if newest is not None:
            checkpoint = load(newest, saving.MADE)
            assert checkpoint.state.step >= step
            step = checkpoint.state.step
            for part in (checkpoint.model, checkpoint.ema, checkpoint.optimizer):
                assert all(torch.all(tensor == step) for tensor in part.values())
        assert all(load(path).state.step for path in checkpoints.all)
    assert step > 3  # it was not always killed before it began
    assert half_written >= 3  # and not always between two of them


def test_the_test_detects_a_writer_that_is_not_atomic(tmp_path: Path) -> None:
    def save(step: int) -> None:
        saving.save_naively(tmp_path, saving.checkpoint(step))

    torn_count = 0
    for moment in moments(save):
        if torn_count >= 3:
            break
        forked_while_saving(save, 1, moment)
        try:
            saving.step_of(tmp_path / "step-000001")
        except Exception:  # torn files fail in many ways
            torn_count += 1
    assert torn_count >= 3


def test_only_the_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    for step in (1, 2, 30, 4):
        Checkpoints(tmp_path, keep=2).save(saving.checkpoint(step, 8))
    assert [path.name for path in Checkpoints(tmp_path).all] == ["step-000030", "step-000004"]


def test_tensors_are_restored_with_type_shape_and_bytes(tmp_path: Path) -> None:
    checkpoint = saving.checkpoint(7, 8)
    tensors = {
        "conv": torch.randn(4, 3, 3, 3).to(memory_format=torch.channels_last),
        "half": torch.randn(5).bfloat16(),
        "count": torch.tensor(3, dtype=torch.int64),
    }
    path = Checkpoints(tmp_path).save(type(checkpoint)(checkpoint.state, tensors, tensors, {}))
    restored = load(path, saving.MADE)
    assert restored.state == checkpoint.state
    assert restored.optimizer == {}
    for name, tensor in tensors.items():
        assert restored.model[name].dtype == tensor.dtype and torch.equal(restored.model[name], tensor)


def test_random_generators_continue_from_the_checkpoint(tmp_path: Path) -> None:
    torch.manual_seed(5)
    path = Checkpoints(tmp_path).save(saving.checkpoint(1, 8))
    expected = torch.rand(3), random.random()
    (state,) = load(path).state.randomness
    state.restore()
    assert torch.equal(torch.rand(3), expected[0]) and random.random() == expected[1]


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "state.json"])
@pytest.mark.parametrize("how", ["truncated", "flipped", "missing"])
def test_a_damaged_file_is_named_and_the_previous_checkpoint_used(tmp_path: Path, name: str, how: str) -> None:
    checkpoints = Checkpoints(tmp_path)
    whole = checkpoints.save(saving.checkpoint(1, 8))
    bad = checkpoints.save(saving.checkpoint(2, 8))
    damage(bad / name, how)
    with pytest.raises(CheckpointError, match=f"damaged: {name}"):
        load(bad)
    newest, faults = checkpoints.newest()
    assert newest == whole
    assert name in str(faults[0]) and "delete" in error_text(faults[0])


def damage(file: Path, how: str) -> None:
    content = bytearray(file.read_bytes())
    if how == "missing":
        file.unlink()
        return
    if how == "truncated":
        content = content[:-20]
    else:
        at = content.index(b'"step":') + len(b'"step":') if file.suffix == ".json" else len(content) - 3
        at += content[at] == ord(" ")
        content[at] ^= 1
    file.write_bytes(content)


def test_if_all_checkpoints_are_damaged_training_does_not_restart(tmp_path: Path) -> None:
    path = Checkpoints(tmp_path).save(saving.checkpoint(1, 8))
    damage(path / "ema.safetensors", "truncated")
    with pytest.raises(CheckpointError) as raised:
        Checkpoints(tmp_path).newest()
    assert "--fresh" in raised.value.hint


def test_a_damaged_checkpoint_is_replaced_when_its_step_is_reached_again(tmp_path: Path) -> None:
    path = Checkpoints(tmp_path).save(saving.checkpoint(1, 8))
    damage(path / "ema.safetensors", "truncated")
    Checkpoints(tmp_path).save(saving.checkpoint(1, 8))
    assert load(path).state.step == 1


@pytest.mark.parametrize(
    ("size", "vocabulary", "recipe", "message"),
    [
        ({"width": 16}, "table", {"run.seed": 1}, "model: this checkpoint has width 8, the recipe asks for 16"),
        ({"width": 8}, "table", {"run.seed": 2}, "recipe: this checkpoint has run.seed 1, the recipe asks for 2"),
        ({"width": 8}, "chair", {"run.seed": 1}, "another vocabulary: table, this Plait has chair"),
        ({"width": 8}, "table", {"run.seed": 1, "a": 2}, "this checkpoint has no a, the recipe asks for 2"),
    ],
)  # fmt: skip
def test_a_checkpoint_of_another_run_is_refused_with_the_difference(
    tmp_path: Path, size: dict[str, int], vocabulary: str, recipe: dict[str, int], message: str
) -> None:
    path = Checkpoints(tmp_path).save(saving.checkpoint(1, 8))
    with pytest.raises(CheckpointError) as raised:
        load(path, RunFingerprint(size, vocabulary, recipe))
    assert message in str(raised.value)


def test_a_file_size_limit_leaves_the_earlier_checkpoints(tmp_path: Path) -> None:
    """EFBIG, which any user can have for real."""
    checkpoints = Checkpoints(tmp_path)
    first = checkpoints.save(saving.checkpoint(1, 8))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(CheckpointError) as raised:
            checkpoints.save(saving.checkpoint(2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert "it needs 1.8 MB" in str(raised.value) and f"the newest one is {first}" in str(raised.value)
    assert list(tmp_path.iterdir()) == [first] and load(first).state.step == 1
    assert checkpoints.save(saving.checkpoint(2)).name == "step-000002"


ON_A_FULL_DISK = """
import sys
sys.path.insert(0, {root!r})
from pathlib import Path
from tests.support import saved_checkpoints as saving
from plait.core.errors import CheckpointError, error_text
from plait.foundation.training.checkpoints import Checkpoints
disk = Path({disk!r})
kept = Checkpoints(disk)
first = kept.save(saving.checkpoint(1, 8))
try:
    kept.save(saving.checkpoint(2))
except CheckpointError as error:
    print(error_text(error))
print([path.name for path in disk.iterdir()], kept.newest()[0] == first)
"""


def test_a_full_disk_leaves_the_earlier_checkpoints(tmp_path: Path) -> None:
    """ENOSPC on a disk of one megabyte, mounted for the child alone."""
    script = ON_A_FULL_DISK.format(root=str(Path(__file__).parents[3]), disk=str(tmp_path))
    mounted = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    mount = f"mount -t tmpfs -o size=1m tmpfs {tmp_path}"
    try:
        subprocess.run([*mounted, mount], check=True, capture_output=True, timeout=240)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no disk may be mounted here")
    command = [*mounted, f'{mount} && exec "$0" "$@"', sys.executable, "-c", script]
    process = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert "does not fit on the disk: it needs 1.8 MB" in process.stdout, process.stderr
    assert "are free" in process.stdout and "free some space" in process.stdout
    assert process.stdout.endswith("['step-000001'] True\n")
