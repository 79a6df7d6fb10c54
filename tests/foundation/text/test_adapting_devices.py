"""What a graphics card needs: every tensor lies where the weights are, and products in half precision fit together.

Without one: a model on the device `meta` refuses whatever lies on another, and the CPU has autocast as well.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import DpoConfig, GrpoConfig, KtoConfig, LoraConfig, RewardConfig, SftConfig
from plait.foundation.text.adapter_file import add_adapters
from plait.foundation.text.adapter_objective import SftObjective
from plait.foundation.text.answer_samples import AnswerGroup, PromptRow, SampledAnswer, no_sampler
from plait.foundation.text.grpo import GrpoObjective
from plait.foundation.text.kto import KtoObjective
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.text.packing import pack_rows
from plait.foundation.text.preference_objective import DpoObjective
from plait.foundation.text.preference_row import MarkedRow, PreferenceRow
from plait.foundation.text.reward import RewardObjective
from plait.foundation.text.sample_rounds import SampledRound
from plait.foundation.text.token_row import TokenRow
from tests.support.adapted_models import add_random_adapters
from tests.support.tiny_llama import TinyLlama

SHA256 = "ab" * 32
LORA = LoraConfig(rank=4, alpha=8.0)
META = torch.device("meta")
ROWS = [TokenRow((*range(5, 30), 20 + n), (8, 30 + n, 9), (1, 2)) for n in range(4)]
PAIRS = [PreferenceRow(row, TokenRow(row.prompt, (8, 40, 9), (1, 2))) for row in ROWS]
MARKS = [MarkedRow(row, n % 2 == 0) for n, row in enumerate(ROWS)]
PROMPTS = [PromptRow(row.prompt, row.answer, 2) for row in ROWS]
GROUP = AnswerGroup(0, (SampledAnswer((8, 30, 9), (1, 2), 1.0), SampledAnswer((8, 31, 9), (1, 2), 0.0)))
ROUND = SampledRound((GROUP,), (-1.0,) * 4, (-1.0,) * 4)
METHODS: dict[str, Callable[[TextDecoder, Path], Any]] = {
    "sft": lambda model, folder: SftObjective(model, ROWS, SftConfig(LORA), SHA256),
    "dpo": lambda model, folder: DpoObjective(model, PAIRS, DpoConfig(LORA), SHA256, folder),
    "kto": lambda model, folder: KtoObjective(model, MARKS, KtoConfig(LORA), SHA256, folder),
    "reward": lambda model, folder: RewardObjective(model, PAIRS, RewardConfig(LORA), SHA256),
    "grpo": lambda model, folder: GrpoObjective(model, PROMPTS, GrpoConfig(LORA), SHA256, folder, no_sampler),
}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    model = TinyLlama(tensor_type="Q8_0", rope_factors=True)
    return model.write_small(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


@pytest.mark.parametrize("quantized", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_a_step_computes_on_the_device_of_the_weights(base: Path, tmp_path: Path, method: str, quantized: bool) -> None:
    model = load_decoder(read_gguf_header(base), quantized=quantized).to(META)
    add_adapters(model, LORA)
    objective = METHODS[method](model, tmp_path)
    losses = objective.loss(ROUND if method == "grpo" else objective.batch(0))
    gradients = torch.autograd.grad(sum(losses.values(), torch.zeros((), device=META)), list(model_adapters(objective)))
    assert all(each.device == META for each in (*losses.values(), *gradients))


def model_adapters(objective: Any) -> Any:
    return (each for name, each in objective.module.named_parameters() if "lora" in name)


def test_the_control_of_a_batch_on_another_device_fails(base: Path) -> None:
    model = load_decoder(read_gguf_header(base)).to(META)
    add_adapters(model, LORA)
    objective = SftObjective(model, ROWS, SftConfig(LORA), SHA256)
    with pytest.raises(RuntimeError, match="device"):
        objective.loss(pack_rows(ROWS))


@pytest.mark.parametrize("quantized", [False, True])
def test_a_step_in_half_precision_has_nearly_the_gradients_of_full_precision(base: Path, quantized: bool) -> None:
    model = load_decoder(read_gguf_header(base), quantized=quantized)
    add_random_adapters(model, LORA, 0.1)
    objective = SftObjective(model, ROWS, SftConfig(LORA), SHA256)
    weights = list(objective.module.parameters())
    full = objective.loss(objective.batch(0))["answer"]
    expected = torch.autograd.grad(full, weights)
    with torch.autocast("cpu", torch.bfloat16):
        loss = objective.loss(objective.batch(0))["answer"]
    gradients = torch.autograd.grad(loss, weights)
    assert loss.item() == pytest.approx(full.item(), rel=0.02) and loss.item() != full.item()
    for one, other in zip(gradients, expected, strict=True):
        assert one.dtype == torch.float32 and (one - other).norm() < 0.1 * other.norm()
