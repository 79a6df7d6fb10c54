"""A tiny model to adapt."""

from pathlib import Path

import pytest
import torch

from tests.support.tiny_llama import TinyLlama


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    return TinyLlama().write_small(tmp_path_factory.mktemp("tiny") / "tiny.gguf")
