"""Seconds of a DPO step, beside TRL's with precomputed reference log-probabilities.

Both train LoRA of rank 8 on all projections of a decoder with the shape of SmolLM2-135M and random weights, by the same
pairs: prompts that begin alike, answers of 20 tokens of which the grammar leaves eight open. One thread each.

    make peers
    python -m benchmarks.dpo_step
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from benchmarks.measure import interleaved_timings, median, ratio, report
from benchmarks.peers import Peers
from plait.foundation.text.adapt_request import DpoConfig, LoraConfig
from plait.foundation.text.adapter_file import add_adapters
from plait.foundation.text.adapter_objective import AdapterObjective
from plait.foundation.text.decoder_config import DecoderConfig
from plait.foundation.text.model import TextDecoder
from plait.foundation.text.preference_objective import DpoObjective
from plait.foundation.text.preference_row import PreferenceRow
from plait.foundation.text.token_row import TokenRow

ROUNDS, PAIRS, LAYERS = 5, 8, 30
NUM_TOKENS, WIDTH, HIDDEN, HEADS, KV_HEADS = 49_152, 576, 1_536, 9, 3
COMMON, PROMPT, ANSWER = 200, 320, 20  # tokens: of all prompts, of a prompt, of an answer
LEARNED = (1, 3, 6, 8, 11, 13, 17, 19)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--quick", action="store_true", help="2 layers, 2 pairs, one round: to see whether it runs")
    is_quick = parser.parse_args().quick
    layers, count, rounds = (2, 2, 1) if is_quick else (LAYERS, PAIRS, ROUNDS)
    torch.set_num_threads(1)
    peers = Peers("peer_dpo", str(layers), str(count))
    with tempfile.TemporaryDirectory() as folder:
        own = own_step(layers, count, Path(folder))
        timings = interleaved_timings(rounds, plait=own, trl=lambda: peers.seconds("trl"))
    peers.close()
    figures = {
        "layers": layers,
        "pairs": count,
        "seconds": {name: round(median(values), 3) for name, values in timings.items()},
        "trl_over_plait": ratio(timings, "trl", "plait"),
    }
    if is_quick:
        print(figures)
    else:
        report("dpo_step", figures)


def pairs(count: int) -> list[PreferenceRow]:
    """The pairs of a step. Both answers begin with three equal tokens."""
    random = torch.Generator().manual_seed(0)

    def tokens(count: int) -> tuple[int, ...]:
        return tuple(torch.randint(3, NUM_TOKENS, (count,), generator=random).tolist())

    common, begin = tokens(COMMON), tokens(3)
    rows: list[PreferenceRow] = []
    for _ in range(count):
        prompt = (*common, *tokens(PROMPT - COMMON))
        chosen, rejected = (TokenRow(prompt, (*begin, *tokens(ANSWER - 3)), LEARNED) for _ in range(2))
        rows.append(PreferenceRow(chosen, rejected))
    return rows


def own_step(layers: int, count: int, folder: Path) -> Callable[[], float]:
    """A measurement of one step."""
    config = DecoderConfig(
        NUM_TOKENS, layers, WIDTH, HIDDEN, HEADS, KV_HEADS, WIDTH // HEADS, 1e5, 1e-5, 2_048, tied=True
    )
    model = TextDecoder(config)
    for weight in model.parameters():
        weight.data.normal_(0, 0.02)
    model.requires_grad_(False)
    recipe = DpoConfig(LoraConfig(rank=8), epochs=1, batch_tokens=100_000, answer_weight=0.0)
    add_adapters(model, recipe.lora)
    objective = DpoObjective(model, pairs(count), recipe, "", folder)
    objective.plan = [tuple(range(count))]
    objective.start(0)
    return steps_of_plan(objective, "preference")


def steps_of_plan(objective: AdapterObjective[Any, Any], loss: str) -> Callable[[], float]:
    """A measurement of all steps of a plan: batch, loss, gradients, optimizer."""
    optimizers = objective.optimizers()

    def steps() -> float:
        started = time.perf_counter()
        for number in range(len(objective.plan)):
            for optimizer in optimizers:
                optimizer.zero_grad()
            objective.loss(objective.batch(number))[loss].backward()
            for optimizer in optimizers:
                optimizer.step()
        return time.perf_counter() - started

    return steps


if __name__ == "__main__":
    main()
