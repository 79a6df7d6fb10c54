"""Fine-tuning an adapter of SmolLM2, beside TRL in its fastest settings; and the loss curve of PEFT.

Both train LoRA of rank 8 on all projections of the embedded model, dequantised to 32 bit, by the same rows in the same
order: ROWS seeds of `home_command` as `plait adapt` encodes them. One thread each. Tokens per second are those of the
rows, without padding. Plait learns what the grammar leaves open; TRL the whole answer, as it does.

    shared   what rows of a batch share is computed once (the default)
    whole    every row is computed whole
    grouped  TRL, batches of rows of about one length, with padding
    packed   TRL, rows one behind the other in one sequence
    curve    losses of CURVE_STEPS steps in full precision on the same batches, and those of PEFT with the same loss

    make peers
    PLAIT_URL=none python -m benchmarks.sft_step
"""

import argparse
import json
import os
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from benchmarks.dpo_step import steps_of_plan
from benchmarks.measure import interleaved_timings, median, ratio, report
from benchmarks.peers import Peers
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import LoraConfig, SftConfig
from plait.foundation.text.adapter_file import add_adapters
from plait.foundation.text.adapter_objective import SftObjective
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.text.token_row import TokenRow, read_token_rows, write_token_rows
from plait.foundation.training.linear import full_precision
from plait.foundation.training.lora import adapter_weights
from plait.learning.adapt import plan_adaptation, prepare_run
from plait.service.catalog import find_task
from plait.service.engines.llamacpp.config import embedded_file
from plait.service.models.discovery import find_model

ROUNDS, ROWS, CURVE_STEPS, BATCH_ROWS, MAX_TOKENS = 3, 24, 10, 8, 500
BUDGET = {"speed": 1.2, "curve": 1e-3}
RATE = 1e-3


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="few rows, one round: to see whether it runs")
    is_quick = parser.parse_args().quick
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PLAIT_DATA"] = folder
        measure(Path(folder), *((2, 8, 2) if is_quick else (ROUNDS, ROWS, CURVE_STEPS)), is_quick)


def measure(folder: Path, rounds: int, count: int, curve_steps: int, is_quick: bool) -> None:
    rows = encoded_rows(count)
    write_token_rows(folder / "rows.jsonl", rows)
    model = new_model()
    save_model(model, folder / "model.safetensors")
    config = model.config
    batches = [[(step * 4 + each) % count for each in range(4)] for step in range(curve_steps)]
    (folder / "request.json").write_text(json.dumps({"config": asdict(config), "batches": batches, "rate": RATE}))
    curve = loss_curve(model, rows, batches)
    peers = Peers("peer_sft", str(folder))
    peers.seconds("curve")
    peer_curve = json.loads((folder / "curve.json").read_text())
    timings = interleaved_timings(
        rounds,
        shared=step_over(new_model(), rows, sharing=True),
        whole=step_over(new_model(), rows, sharing=False),
        grouped=lambda: peers.seconds("grouped"),
        packed=lambda: peers.seconds("packed"),
    )
    peers.close()
    tokens = sum(len(row.token_ids) for row in rows)
    figures: dict[str, Any] = {
        "rows": count,
        "tokens": tokens,
        "tokens_per_second": {name: round(tokens / median(values)) for name, values in timings.items()},
        "shared_over_grouped": ratio(timings, "grouped", "shared"),
        "shared_over_packed": ratio(timings, "packed", "shared"),
        "whole_over_grouped": ratio(timings, "grouped", "whole"),
        "whole_over_packed": ratio(timings, "packed", "whole"),
        "loss_of_first_and_last_step": [round(curve[0], 4), round(curve[-1], 4)],
        "largest_difference_of_a_loss": max(abs(a - b) for a, b in zip(curve, peer_curve, strict=True)),
        "budget": BUDGET,
    }
    if is_quick:
        print(json.dumps(figures, indent=2))
    else:
        report("sft_step", figures)


def encoded_rows(count: int) -> list[TokenRow]:
    """Seeds of `home_command` that are not too long, as token rows of the embedded model."""
    task = find_task("home_command")[0]
    run = prepare_run(plan_adaptation(task.declaration, find_model("smollm2"), task.examples.seeds, SftConfig()), 1)
    rows = [row for row in read_token_rows(run.request.rows, 10**6) if len(row.token_ids) <= MAX_TOKENS]
    return [TokenRow(row.prompt, row.answer, row.learned) for row in rows[:count]]


def new_model() -> TextDecoder:
    path = embedded_file()
    assert path is not None, "the embedded model is not installed"
    model = load_decoder(read_gguf_header(path))
    add_adapters(model, LoraConfig(rank=8))
    return model


def save_model(model: TextDecoder, file: Path) -> None:
    """The frozen matrices and the new adapters by our names; the peer orders the rows as transformers does."""
    tensors = {name: weight for name, weight in model.named_parameters() if "lora" not in name}
    save_file({name: each.detach().clone() for name, each in {**tensors, **adapter_weights(model)}.items()}, file)


def loss_curve(model: TextDecoder, rows: list[TokenRow], batches: list[list[int]]) -> list[float]:
    objective = SftObjective(model, rows, SftConfig(LoraConfig(rank=8), learning_rate=RATE), "")
    objective.plan = [tuple(batch) for batch in batches]
    optimizer = torch.optim.AdamW(objective.module.parameters(), RATE, betas=(0.9, 0.99), weight_decay=0.0)
    losses: list[float] = []
    with full_precision():
        for step in range(len(batches)):
            optimizer.zero_grad()
            loss = objective.loss(objective.batch(step))["answer"]
            loss.backward()
            optimizer.step()
            losses.append(float(loss))
    return losses


def step_over(model: TextDecoder, rows: list[TokenRow], *, sharing: bool) -> Callable[[], float]:
    """A measurement of all rows once: batches of BATCH_ROWS rows, loss, gradients, optimizer."""
    config = SftConfig(LoraConfig(rank=8), share_prefixes=sharing)
    objective = SftObjective(model, rows, config, "")
    numbers = list(range(len(rows)))
    objective.plan = [tuple(numbers[start : start + BATCH_ROWS]) for start in range(0, len(rows), BATCH_ROWS)]
    return steps_of_plan(objective, "answer")


if __name__ == "__main__":
    main()
