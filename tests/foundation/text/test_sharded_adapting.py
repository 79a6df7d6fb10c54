"""FSDP2 around the frozen layers: two processes have half of the weights each, and learn what one process learns."""

import json
import socket
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import distributed
from torch.multiprocessing import spawn

from plait.core.errors import SettingsError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import AdaptRequest, DpoConfig, KtoConfig, LoraConfig, SftConfig
from plait.foundation.text.adapter_objective import SftObjective
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.text.preference_objective import REFERENCE_FILE, DpoObjective
from plait.foundation.text.preference_row import PreferenceRow
from plait.foundation.text.token_row import TokenRow
from plait.foundation.training.config import RunConfig
from plait.foundation.training.linear import full_precision
from plait.foundation.training.sharding import full_tensor
from tests.support.adapted_models import add_random_adapters
from tests.support.tiny_llama import TinyLlama

PROCESSES = 2
SHA256 = "ab" * 32
LORA = LoraConfig(rank=4, alpha=8.0, upper_layers=2)
# Rows with different weights, an odd number of them: a process has two, the other one.
ROWS = [TokenRow((*range(5, 30), 20 + n), (8, 30 + n, 9, 2), tuple(range(1, 2 + n))) for n in range(3)]
PAIRS = [PreferenceRow(row, TokenRow(row.prompt, (8, 40, 9, 2), row.learned)) for row in ROWS]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.set_num_threads(1)
    model = TinyLlama(layers=3, tensor_type="Q8_0")
    return model.write_small(tmp_path_factory.mktemp("tiny") / "tiny.gguf")


def objective_of(method: str, model: TextDecoder, folder: Path) -> Any:
    add_random_adapters(model, LORA, 0.1)
    if method == "sft":
        return SftObjective(model, ROWS, SftConfig(LORA, 1e-2, 4, 400), SHA256)
    return DpoObjective(model, PAIRS, DpoConfig(LORA, 1e-2, 4, 400), SHA256, folder)


def losses_and_gradients(objective: Any) -> tuple[float, dict[str, torch.Tensor]]:
    with full_precision():
        objective.start(0)
        loss = sum(objective.loss(objective.batch(0)).values(), torch.zeros(()))
        loss.backward()
    gradients = {name: each.grad for name, each in objective.module.named_parameters()}
    return loss.item(), {name: full_tensor(each) for name, each in gradients.items() if each is not None}


def run_sharded(rank: int, port: int, method: str, quantized: bool, base: str, folder: str) -> None:
    torch.set_num_threads(1)
    address = f"tcp://127.0.0.1:{port}"
    distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=PROCESSES)
    model = load_decoder(read_gguf_header(Path(base)), quantized=quantized)
    objective = objective_of(method, model, Path(folder))
    whole = sum(each.numel() * each.element_size() for each in model.parameters())
    objective.distribute(shards=True)
    loss, gradients = losses_and_gradients(objective)
    losses: list[Any] = [None] * PROCESSES
    distributed.all_gather_object(losses, loss)
    parts = [each.to_local() for each in model.parameters()]  # pyright: ignore[reportAttributeAccessIssue]
    if rank == 0:
        torch.save(gradients, Path(folder) / "gradients.pt")
        part = sum(each.numel() * each.element_size() for each in parts)
        (Path(folder) / "report.json").write_text(json.dumps({"losses": losses, "share": part / whole}))
    distributed.destroy_process_group()


@pytest.mark.parametrize(("method", "quantized"), [("sft", True), ("dpo", False)])
def test_two_processes_compute_the_loss_and_gradients_of_one(
    base: Path, tmp_path: Path, method: str, quantized: bool
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    spawn(run_sharded, (port, method, quantized, str(base), str(tmp_path)), nprocs=PROCESSES)
    report = json.loads((tmp_path / "report.json").read_text())
    gradients = torch.load(tmp_path / "gradients.pt", weights_only=True)
    reference = (tmp_path / REFERENCE_FILE).read_bytes() if method == "dpo" else b""
    model = load_decoder(read_gguf_header(base))
    loss, expected = losses_and_gradients(objective_of(method, model, tmp_path))
    assert sum(report["losses"]) / PROCESSES == pytest.approx(loss, rel=1e-5)
    assert report["losses"][0] != pytest.approx(loss, rel=1e-3), "each has rows of its own"
    assert gradients.keys() == expected.keys() and len(expected) == 28
    for name, gradient in expected.items():
        torch.testing.assert_close(gradients[name], gradient, rtol=1e-4, atol=1e-6)
    assert report["share"] < 0.55
    if reference:
        assert (tmp_path / REFERENCE_FILE).read_bytes() == reference, "the first process alone wrote it, once"


def test_methods_that_cannot_share_rows_are_refused(tmp_path: Path) -> None:
    run = RunConfig(processes=2, shard=True)
    assert AdaptRequest("two", tmp_path, SHA256, tmp_path, tmp_path, config=SftConfig(LORA), run=run).run == run
    with pytest.raises(SettingsError, match="the method kto trains in one process, not in 2") as caught:
        AdaptRequest("two", tmp_path, SHA256, tmp_path, tmp_path, config=KtoConfig(LORA), run=run)
    assert "leave out --processes; it is possible for sft, dpo" in caught.value.hint
