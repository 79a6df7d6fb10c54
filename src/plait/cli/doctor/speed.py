"""Check of `plait doctor`: measures a short answer of the first local model and names the likeliest cause if slow."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.core.calls import event_loop
from plait.core.engine.chat import ChatEngine, ChatModel, Sampling
from plait.core.engine.protocol import Finish, TextDelta, Usage
from plait.core.prompting.prompt import Message, Prompt
from plait.service.engines.llamacpp.config import EMBEDDED
from plait.service.models.discovery import known_models
from plait.service.supervisor import machine
from plait.service.supervisor.finding import Findings, ok, warn, wrong
from plait.service.supervisor.process_engine import ProcessEngine

REFERENCE_RATE = (
    124.1  # tokens/s of the embedded model's answer to one client on two quiet cores (benchmarks/gateway.json)
)
SLOW_RATIO = 0.6  # of the usual rate; below that, the check names likely causes
ANSWER_TOKENS = 64  # tokens
TIME_LIMIT = 120.0  # seconds for the whole measurement
MAX_MAJOR_FAULTS = 500  # pages read from disk while loading; more means that the file was not in memory
SAMPLE_TEXT = (
    "The harbour lay still in the morning light, and the boats turned slowly on their chains while the first carts "
    "came down from the market with baskets of fish, bread and apples. "
)


@dataclass(frozen=True)
class SpeedMeasurement:
    """Load time in seconds, tokens per second of prompt and answer, and pages read from disk and from swap."""

    load_seconds: float
    prompt_rate: float
    answer_rate: float
    major_faults: int
    pages_swapped_in: int


def check_speed(cpu: machine.CpuUsage) -> Findings:
    model = next((each for each in known_models() if each.config.chats and is_file(each.config.file)), None)
    engine = model.engine() if model else None
    chat_model = engine.model if isinstance(engine, ChatEngine) else None
    if model is None or not isinstance(chat_model, ProcessEngine):
        yield ok("no chat model runs on this machine, so there is nothing to measure")
        return
    try:
        measurement = event_loop.run(measure(chat_model))
    except TimeoutError:
        yield wrong(f"{model.name} did not answer within {TIME_LIMIT:g} s", "use a smaller model, or a faster machine")
        return
    figures = {
        "load_seconds": round(measurement.load_seconds, 2),
        "prompt_tokens_per_second": round(measurement.prompt_rate, 1),
        "answer_tokens_per_second": round(measurement.answer_rate, 1),
    }
    message = (
        f"{model.name} loads in {measurement.load_seconds:.1f} s, reads {measurement.prompt_rate:,.0f} "
        f"and writes {measurement.answer_rate:,.0f} tokens/s"
    )
    if model.name == EMBEDDED:
        message += f"; reference: {REFERENCE_RATE:.0f} tokens/s on two idle cores"
    if model.name != EMBEDDED or measurement.answer_rate >= SLOW_RATIO * REFERENCE_RATE:
        yield ok(message, **figures)
    else:
        yield warn(message, "; ".join(likely_causes(measurement, cpu, chat_model.threads)), **figures)


def is_file(path: Path | None) -> bool:
    return path is not None and path.is_file()


def likely_causes(measurement: SpeedMeasurement, cpu: machine.CpuUsage, threads: int) -> list[str]:
    """Likely causes of a slow answer, the likeliest first."""
    likely: list[str] = []
    if cpu.idle < min(threads + 0.5, cpu.available):
        busiest = ", ".join(cpu.busiest) or "by the load average"
        likely.append(f"other processes are busy ({busiest}): {cpu.idle:.1f} of {cpu.available:g} cores were idle")
    if threads > cpu.available:
        likely.append(
            f"{threads} threads share {cpu.available:g} cores: set PLAIT_THREADS={max(1, int(cpu.available) - 1)}"
        )
    if measurement.pages_swapped_in:
        likely.append("the machine swaps: free some memory, or use a smaller model")
    if measurement.major_faults > MAX_MAJOR_FAULTS:
        likely.append(
            f"the weights were read from disk ({measurement.load_seconds:.1f} s): "
            "the next start is faster if they stay in memory"
        )
    return likely or ["no other process is busy: these cores are slower than those of the reference"]


async def measure(engine: Any) -> SpeedMeasurement:
    """Measures in a process that starts for this and ends afterwards. `engine` is a ChatModel and a ProcessEngine."""
    swapped, began = machine.pages_swapped_in(), time.monotonic()
    try:
        async with asyncio.timeout(TIME_LIMIT):
            running = await engine.ensure_running()
            load = time.monotonic() - began
            await timed_answer(engine, "Warm up.", 4)
            first_token, total, used = await timed_answer(engine, SAMPLE_TEXT * 12 + "Retell this.", ANSWER_TOKENS)
            disk = machine.major_faults(running.child.process.pid)
    finally:
        await engine.aclose()
    writing = (used.answer_tokens - 1) / max(total - first_token, 1e-6)
    return SpeedMeasurement(load, used.prompt_tokens / first_token, writing, disk, machine.pages_swapped_in() - swapped)


async def timed_answer(engine: ChatModel, text: str, max_tokens: int) -> tuple[float, float, Usage]:
    """Seconds to the first text, seconds to the end, and token counts of an answer."""
    began, first, used = time.monotonic(), 0.0, Usage()
    async with aclosing(engine.chat(Prompt((Message("user", text),)), None, Sampling(max_tokens=max_tokens))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                first = first or time.monotonic() - began
            elif isinstance(event, Finish):
                used = event.usage
    return first, time.monotonic() - began, used
