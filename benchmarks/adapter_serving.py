"""What adapters cost while they are served: tokens per second, memory, and seconds to the first adapted token.

The embedded model with two random LoRA adapters (rank 8 on all projections, F16) in one process. Requests use no
adapter, one, or two in turn: llama.cpp computes requests with different adapters one after another, not as one batch.

    python -m benchmarks.adapter_serving
"""

import asyncio
import itertools
import tempfile
import time
from contextlib import aclosing
from pathlib import Path

import torch

from benchmarks.measure import median, ratio, report
from benchmarks.memory import rss
from plait.core.engine.chat import Sampling
from plait.core.engine.conversation import CompletionModel
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import LoraConfig
from plait.foundation.text.adapter_file import add_adapters, write_adapter
from plait.foundation.text.model import load_decoder
from plait.foundation.training.lora import adapters
from plait.service.engines.llamacpp.adapters import LoraAdapter
from plait.service.engines.llamacpp.config import CONTEXT, embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp

TOKENS, ROUNDS, STARTS = 48, 5, 5
BUDGET_SECONDS = 3.0  # adapter published to first adapted token
STORY = "Once upon a time, in a library by the sea,"
KINDS = {"none": ("",), "one": ("red",), "two": ("red", "blue")}


async def main() -> None:
    path = embedded_file()
    assert path is not None, "the embedded model is not installed"
    with tempfile.TemporaryDirectory() as folder:
        loras = write_loras(path, Path(folder))
        adapter_mb = round(loras[0].path.stat().st_size / 1e6, 1)
        starts = [await seconds_to_first_token(path, loras) for _ in range(STARTS)]
        timings, megabytes = await serving(path, loras)
    report(
        "adapter_serving",
        {
            "tokens_per_second": {name: round(median(values), 1) for name, values in timings.items()},
            "one_over_none_1_client": ratio(timings, "one_1", "none_1"),
            "one_over_none_8_clients": ratio(timings, "one_8", "none_8"),
            "two_over_none_1_client": ratio(timings, "two_1", "none_1"),
            "two_over_none_8_clients": ratio(timings, "two_8", "none_8"),
            "engine_mb": megabytes,
            "adapter_mb": adapter_mb,
            "seconds_to_first_adapted_token": {
                "median": round(median(starts), 2),
                "all": [round(s, 2) for s in starts],
            },
            "budget_seconds": BUDGET_SECONDS,
        },
    )


def write_loras(path: Path, folder: Path) -> tuple[LoraAdapter, ...]:
    """Two adapters of the model, written as the trainer writes them."""
    model, config = load_decoder(read_gguf_header(path)), LoraConfig(rank=8, alpha=16)
    add_adapters(model, config)
    loras = [LoraAdapter(name, folder / f"{name}.gguf") for name in ("red", "blue")]
    for seed, lora in enumerate(loras):
        generator = torch.Generator().manual_seed(seed)
        for _, module in adapters(model):
            module.lora_b.data.normal_(0, 0.02, generator=generator)
        write_adapter(lora.path, model, config, base_sha256=file_sha256(path))
    return tuple(loras)


async def seconds_to_first_token(path: Path, loras: tuple[LoraAdapter, ...]) -> float:
    """Seconds from the start of a process to the first token with an adapter."""
    base = LlamaCpp("smollm2", path, CONTEXT, adapters=loras)
    started = time.perf_counter()
    async with aclosing(base.adapted("red").complete(STORY, Sampling(2, 0.6, 1))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                break
    seconds = time.perf_counter() - started
    await base.aclose()
    return seconds


async def serving(path: Path, loras: tuple[LoraAdapter, ...]) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Tokens per second by kind and number of clients, interleaved; megabytes of the process at its end."""
    base, plain = LlamaCpp("smollm2", path, CONTEXT, adapters=loras), LlamaCpp("smollm2", path, CONTEXT)
    models: dict[str, CompletionModel] = {"": base, **{each.name: base.adapted(each.name) for each in loras}}
    timings: dict[str, list[float]] = {}
    for clients, turn in itertools.product((1, 8), range(ROUNDS + 1)):
        for kind, names in KINDS.items():
            rate = await tokens_per_second([models[name] for name in names], clients)
            if turn:  # the first round fills the caches
                timings.setdefault(f"{kind}_{clients}", []).append(rate)
    await tokens_per_second([plain], 8)
    megabytes = {"with_two_adapters": megabytes_of(base), "without_adapters": megabytes_of(plain)}
    await base.aclose()
    await plain.aclose()
    return timings, megabytes


async def tokens_per_second(models: list[CompletionModel], clients: int) -> float:
    """Total tokens per second of all clients. With one client each model answers once, one after the other."""
    started = time.perf_counter()
    if clients == 1:
        tokens = [await num_tokens(model, 0) for model in models]
    else:
        turns = zip(range(clients), itertools.cycle(models), strict=False)
        tokens = await asyncio.gather(*(num_tokens(model, seed) for seed, model in turns))
    return sum(tokens) / (time.perf_counter() - started)


async def num_tokens(model: CompletionModel, seed: int) -> int:
    async with aclosing(model.complete(STORY, Sampling(TOKENS, 0.6, seed))) as events:
        async for event in events:
            if isinstance(event, Finish):
                return event.usage.answer_tokens
    raise AssertionError("the answer has no end")


def megabytes_of(model: LlamaCpp) -> float:
    """Resident memory of the process, including the pages of the model's file."""
    assert model.pid
    return rss(model.pid)


if __name__ == "__main__":
    asyncio.run(main())
