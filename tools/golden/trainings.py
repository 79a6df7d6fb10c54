"""Values of tensors.json: SHA-256 of every tensor after three small trainings, each in a process of its own."""

import os
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import safetensors.torch
import torch

from tools.golden.recording import GOLDEN, ROOT, Json, tensor_hashes

RECIPE = Path("tests/golden/unified.toml")  # relative: a checkpoint names its sources by their paths
CHECKPOINT = GOLDEN / "checkpoint/step-000020"
WEIGHTS = GOLDEN / "weights.safetensors"  # exported from CHECKPOINT
THREADS = 1
STEPS = 200
BATCH = 4  # pictures per step of the image tokenizer and the judge


def conditions() -> Json:
    """Conditions, besides the code, that the bytes of a trained tensor depend on."""
    packages = {name: version(name) for name in ("torch", "numpy", "pillow")}
    return {**packages, "capability": torch.backends.cpu.get_cpu_capability(), "cpu": cpu(), "threads": THREADS}


def cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = dict(re.findall(r"^(.*?)\s*: (.*)$", info.read_text(), re.MULTILINE)) if info.exists() else {}
    keys = ("vendor_id", "cpu family", "model")
    return ", ".join(lines[key] for key in keys if key in lines) or platform.machine()


def train_unified(folder: Path, steps: int = STEPS) -> str:
    """Trains by RECIPE into a folder, or resumes there, with ROOT as working folder; returns the command's output."""
    return run_python("-m", "plait", "train", str(RECIPE), "--out", str(folder), "--steps", str(steps))


def checkpoint_tensors(folder: Path) -> dict[str, str]:
    """Tensor hashes of the checkpoint of the last step."""
    (last,) = folder.glob(f"step-{STEPS:06d}")
    hashes = {file.stem: tensor_hashes(safetensors.torch.load_file(file)) for file in last.glob("*.safetensors")}
    return {f"{part}/{name}": digest for part, digests in hashes.items() for name, digest in digests.items()}


def unified_tensors() -> dict[str, str]:
    with tempfile.TemporaryDirectory() as folder:
        train_unified(Path(folder))
        return checkpoint_tensors(Path(folder))


def image_tokenizer_tensors() -> dict[str, str]:
    return network_tensors("train_image_codes")


def judge_tensors() -> dict[str, str]:
    return network_tensors("train_judge")


def network_tensors(function: str) -> dict[str, str]:
    """Tensor hashes of the last checkpoint of a network that a function of this file trains in a separate process."""
    with tempfile.TemporaryDirectory() as folder:
        run_python("-c", f"import sys, tools.golden.trainings as trainings; trainings.{function}(sys.argv[1])", folder)
        return checkpoint_tensors(Path(folder))


def train_image_codes(folder: str) -> None:
    from recipes.image_codes import tokenizer_trainer

    tokenizer_trainer(Path(folder), STEPS, threads=THREADS, with_ssim_and_mse=True, batch_size=BATCH).run()


def train_judge(folder: str) -> None:
    from recipes.judge import judge_trainer

    judge_trainer(Path(folder), STEPS, threads=THREADS, batch_size=BATCH).run()


TRAININGS: dict[str, Callable[[], dict[str, str]]] = {
    "unified": unified_tensors,
    "image_codes": image_tokenizer_tensors,
    "judge": judge_tensors,
}


def run_python(*arguments: str) -> str:
    environment = {**os.environ, "OMP_NUM_THREADS": str(THREADS), "CUDA_VISIBLE_DEVICES": ""}
    process = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if process.returncode:
        raise RuntimeError(f"{' '.join(arguments)} failed:\n{process.stdout}{process.stderr}")
    return process.stdout + process.stderr


def write_checkpoint() -> None:
    """Writes CHECKPOINT and WEIGHTS unless they exist: existing ones stay as an earlier version made them."""
    if not CHECKPOINT.exists():
        with tempfile.TemporaryDirectory() as folder:
            train_unified(Path(folder), int(CHECKPOINT.name.removeprefix("step-")))
            CHECKPOINT.parent.mkdir(exist_ok=True)
            (Path(folder) / CHECKPOINT.name).rename(CHECKPOINT)
    if not WEIGHTS.exists():
        run_python("-m", "plait", "export", str(CHECKPOINT.parent), "--name", WEIGHTS.stem, "--out", str(GOLDEN))
