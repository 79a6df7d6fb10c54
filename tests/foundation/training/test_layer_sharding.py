"""FSDP2 around each layer: two processes compute what one computes, and each keeps about half of the weights."""

import json
import socket
from pathlib import Path

import pytest
import torch
from torch import distributed
from torch.multiprocessing import spawn

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.distributed import parallel_module
from plait.foundation.training.sharding import full_tensor, summon_full_params
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.training_module import TrainingModule
from plait.foundation.unified.objectives.unified_objective import sharded_layers
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, Schedule
from plait.foundation.unified.worlds.task_items import TASKS

PROCESSES = 2
RECIPE = Recipe(
    ModelConfig("tiny", experts=2, adapters=4),
    DataConfig(mixture=dict.fromkeys(TASKS, 1.0)),
    schedule=Schedule(phase=(Phase("joint", 1, 4, 3, paintings=6),)),
)


def training_module() -> TrainingModule:
    torch.manual_seed(0)
    module = TrainingModule(UnifiedModel(RECIPE.model.shape, vocabulary()), vocabulary(), TASKS)
    with torch.no_grad():  # outputs of layers are zero at first, and no gradient would reach what comes before them
        for name, parameter in module.named_parameters():
            if name.endswith(("out.weight", "down.weight", "up.weight", "conv2.weight")):
                parameter.normal_(std=0.05)
    return module


def losses_and_gradients(training: torch.nn.Module) -> tuple[float, dict[str, torch.Tensor]]:
    stream = BatchStream(RECIPE, vocabulary(), TASKS, encode=image_tokenizer().encode)
    losses, _ = training(stream.batch(0), stream.painting_batch(0))
    loss = sum(losses.values(), torch.zeros(()))
    loss.backward()
    gradients = {name: each.grad for name, each in training.named_parameters() if each.grad is not None}
    return loss.item(), {name: full_tensor(each) for name, each in gradients.items()}


def run_sharded(rank: int, port: int, folder: str) -> None:
    """One of the processes; rank 0 writes what it got. Both have the same batch, so that averages are those of one."""
    torch.set_num_threads(1)
    address = f"tcp://127.0.0.1:{port}"
    distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=PROCESSES)
    training = training_module()
    total = sum(each.numel() for each in training.parameters())
    wrapped = parallel_module(training, sharded_layers(training.model), shards=True, unused=False)
    loss, gradients = losses_and_gradients(wrapped)
    local = sum(each.to_local().numel() for each in training.parameters())  # pyright: ignore[reportAttributeAccessIssue]
    layer = training.model.encoder.typed_layers[0].attention.query.weight
    after_forward = hasattr(layer, "placements")
    with summon_full_params(training):
        whole = sum(each.numel() for each in training.parameters() if not hasattr(each, "placements"))
    if rank == 0:
        torch.save(gradients, Path(folder) / "gradients.pt")
        report = {"loss": loss, "share": local / total, "sharded_again": after_forward, "summoned": whole / total}
        (Path(folder) / "report.json").write_text(json.dumps(report))
    distributed.destroy_process_group()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_two_processes_with_sharded_layers_compute_the_loss_and_gradients_of_one(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    spawn(run_sharded, (port, str(tmp_path)), nprocs=PROCESSES)
    report = json.loads((tmp_path / "report.json").read_text())
    gradients = torch.load(tmp_path / "gradients.pt", weights_only=True)
    loss, expected = losses_and_gradients(training_module())
    assert report["loss"] == pytest.approx(loss, rel=1e-5)
    assert gradients.keys() == expected.keys()
    for name, gradient in expected.items():
        torch.testing.assert_close(
            gradients[name], gradient, rtol=1e-3, atol=1e-6, msg=lambda text, name=name: f"{name}: {text}"
        )
    assert report["share"] < 0.6 and report["sharded_again"] and report["summoned"] == 1
