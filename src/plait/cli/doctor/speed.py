"""Why it is slow: a short answer of the first model that runs here, measured, and the likeliest cause."""

import asyncio
import time
from dataclasses import dataclass

from plait.cli.doctor import machine
from plait.cli.doctor.finding import Findings, ok, warn, wrong
from plait.core.calls import event_loop
from plait.core.calls.event_loop import closing
from plait.core.engine.chat import Sampling
from plait.core.engine.protocol import End, Piece, Usage
from plait.core.prompting.prompt import Message, Prompt
from plait.service.engines.llamacpp import LlamaCpp
from plait.service.models.discovery import EMBEDDED, ModelFile, known_models

USUAL = 124.1  # tokens/s of the embedded model's answer to one client on two quiet cores (benchmarks/gateway.json)
SLOW = 0.6  # of the usual: below that there is a cause to look for
ANSWER = 64  # tokens
WITHIN = 120.0  # seconds for all of it
PAGES = 500  # read from disk while it was loaded: more is a file that was not in memory
WORDS = (
    "The harbour lay still in the morning light, and the boats turned slowly on their chains while the first carts "
    "came down from the market with baskets of fish, bread and apples. "
)


@dataclass(frozen=True)
class Measured:
    """Seconds to load, then tokens a second, of the prompt and of the answer; pages from disk and from swap."""

    load: float
    reading: float
    writing: float
    from_disk: int
    from_swap: int


def speed(has: machine.Cores) -> Findings:
    model = next((each for each in known_models() if isinstance(each, ModelFile) and each.path.is_file()), None)
    if model is None:
        yield ok("no model runs on this machine, so there is nothing to measure")
        return
    try:
        found = event_loop.run(measured(model))
    except TimeoutError:
        yield wrong(f"{model.name} did not answer within {WITHIN:g} s", "take a smaller model, or a machine with more")
        return
    figures = {
        "load_seconds": round(found.load, 2),
        "prompt_tokens_per_second": round(found.reading, 1),
        "answer_tokens_per_second": round(found.writing, 1),
    }
    told = (
        f"{model.name} loads in {found.load:.1f} s, reads {found.reading:,.0f} and writes {found.writing:,.0f} tokens/s"
    )
    if model.name == EMBEDDED:
        told += f"; on two quiet cores it writes {USUAL:.0f}"
    if model.name != EMBEDDED or found.writing >= SLOW * USUAL:
        yield ok(told, **figures)
    else:
        yield warn(told, "; ".join(causes(found, has, model)), **figures)


def causes(found: Measured, has: machine.Cores, model: ModelFile) -> list[str]:
    """The likeliest first."""
    threads = LlamaCpp(model.name, model.path, model.context, model.threads).load.threads
    likely: list[str] = []
    if has.idle < min(threads + 0.5, has.ours):
        who = ", ".join(has.busiest) or "the load average tells"
        likely.append(f"other processes are busy ({who}): {has.idle:.1f} of {has.ours:g} cores were idle")
    if threads > has.ours:
        likely.append(f"{threads} threads share {has.ours:g} cores: set PLAIT_THREADS={max(1, int(has.ours) - 1)}")
    if found.from_swap:
        likely.append("the machine swaps: end what takes memory, or take a smaller model")
    if found.from_disk > PAGES:
        likely.append(f"the weights came from disk ({found.load:.1f} s): the next start is quicker if memory is enough")
    return likely or ["nothing else is busy: these cores are slower than those of the figure"]


async def measured(model: ModelFile) -> Measured:
    """A process of its own, loaded for this and ended after it."""
    engine = LlamaCpp(model.name, model.path, model.context, model.threads)
    swapped, began = machine.swapping(), time.monotonic()
    try:
        async with asyncio.timeout(WITHIN):
            running = await engine.up()
            load = time.monotonic() - began
            await answer(engine, "Warm up.", 4)
            first, whole, used = await answer(engine, WORDS * 12 + "Retell this.", ANSWER)
            disk = machine.read_from_disk(running.process.pid)
    finally:
        await engine.aclose()
    writing = (used.answer_tokens - 1) / max(whole - first, 1e-6)
    return Measured(load, used.prompt_tokens / first, writing, disk, machine.swapping() - swapped)


async def answer(engine: LlamaCpp, text: str, tokens: int) -> tuple[float, float, Usage]:
    """Seconds to the first piece and to the end, and how many tokens it was."""
    began, first, used = time.monotonic(), 0.0, Usage()
    async with closing(engine.chat(Prompt((Message("user", text),)), None, Sampling(max_tokens=tokens))) as pieces:
        async for each in pieces:
            if isinstance(each, Piece):
                first = first or time.monotonic() - began
            elif isinstance(each, End):
                used = each.usage
    return first, time.monotonic() - began, used
