"""Golden files: reading and writing them, and the SHA-256 that stands in them for images and tensors."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

Json = Any
ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests/golden"


def read_recording(name: str) -> Json:
    return json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


def write_recording(name: str, value: Json) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=name != "tasks")
    (GOLDEN / f"{name}.json").write_text(text + "\n", "utf-8")


def to_json(value: Json, folder: Path | None = None) -> Json:
    """The value in types of JSON; paths inside the folder become relative to it."""
    if isinstance(value, Path):
        return str(value.relative_to(folder) if folder and value.is_relative_to(folder) else value)
    return json.loads(json.dumps(value, default=lambda each: to_json(each, folder)))


def tensor_hashes(tensors: Mapping[str, torch.Tensor]) -> dict[str, str]:
    return {name: tensor_hash(each) for name, each in sorted(tensors.items())}


def tensor_hash(tensor: torch.Tensor) -> str:
    """SHA-256 of a tensor's type, shape and bytes in C order."""
    content = tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
    return sha256(f"{tensor.dtype} {tuple(tensor.shape)} ".encode() + content)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
