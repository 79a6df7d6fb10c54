"""Answers and an adaptation on one machine: how much slower each is than alone.

The embedded model answers a small task for two people, who think for a second between two calls, while an adapter of
the same model is trained as `plait adapt` does it; and again for one client who never thinks. Phases alternate:
answers alone, both, training alone.

    PLAIT_URL=none python -m benchmarks.core_budget
"""

import asyncio
import os
import random
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import Any, Literal

from benchmarks.measure import median, report
from plait import task
from plait.core.calls.transport import Call
from plait.core.config import settings
from plait.core.engine.validation import Completed
from plait.core.prompting.example_rows import Example
from plait.core.task.options import Options
from plait.foundation.text.adapt_request import LoraConfig, SftConfig
from plait.learning.adapt import logged_steps, plan_adaptation, prepare_run
from plait.learning.adapt_plan import AdapterRun
from plait.learning.trainer_process import ignore_pauses, start_trainer, training_threads, wait_with_pauses
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import find_model

SECONDS, ROUNDS = 40.0, 3
BUDGET = {"p95_ratio": 1.6, "training_ratio": 0.5}
CONFIG = SftConfig(LoraConfig(rank=8), epochs=100, batch_tokens=400)  # short steps, so that a phase has many


@task
def mood(sentence: str) -> Literal["glad", "sad", "angry", "calm"]:
    """Which mood is in {sentence}?"""
    ...


@dataclass(frozen=True)
class Load:
    """Clients, and the mean seconds that each thinks between two calls."""

    clients: int
    thinking: float


LOADS = {"people": Load(2, 1.0), "endless": Load(1, 0.0)}


@dataclass
class Phases:
    """Seconds of each answer and steps per second of training, by phase."""

    answers: dict[str, list[float]] = field(default_factory=dict[str, list[float]])
    steps: dict[str, list[float]] = field(default_factory=dict[str, list[float]])

    def p95(self, phase: str) -> float:
        ordered = sorted(self.answers[phase])
        return ordered[len(ordered) * 95 // 100]

    def figures(self, name: str) -> dict[str, Any]:
        alone = f"{name} alone"
        return {
            "answers": {each: len(self.answers[each]) for each in (alone, name)},
            "p95_seconds": {each: round(self.p95(each), 3) for each in (alone, name)},
            "p95_ratio": round(self.p95(name) / self.p95(alone), 2),
            "median_ratio": round(median(self.answers[name]) / median(self.answers[alone]), 2),
            "training_ratio": round(median(self.steps[name]) / median(self.steps["training"]), 2),
        }


async def measure(run: AdapterRun) -> None:
    transport, phases = LocalTransport(), Phases()
    await ask(transport, 0)
    for _ in range(ROUNDS):
        for name, load in LOADS.items():
            await answers(transport, phases, f"{name} alone", load)
        with training(run):
            while not logged_steps(run.request.folder):
                await asyncio.sleep(0.1)
            for name, load in (*LOADS.items(), ("training", Load(0, 0.0))):
                before = logged_steps(run.request.folder)
                await answers(transport, phases, name, load)
                done = logged_steps(run.request.folder) - before
                phases.steps.setdefault(name, []).append(done / SECONDS)
    await transport.aclose()
    report(
        "core_budget",
        {
            "threads_of_training": run.request.run.threads,
            "steps_per_second_alone": round(median(phases.steps["training"]), 2),
            **{name: phases.figures(name) for name in LOADS},
            "budget": BUDGET,
        },
    )


def prepared_run() -> AdapterRun:
    moods = ("glad", "sad", "angry", "calm")
    examples = [Example({"sentence": f"It rains on day {number * 7}."}, moods[number % 4]) for number in range(400)]
    return prepare_run(plan_adaptation(mood.declaration, find_model("smollm2"), examples, CONFIG), training_threads())


@contextmanager
def training(run: AdapterRun) -> Iterator[None]:
    """The trainer with its pauses, as `plait adapt` runs it. It saves a checkpoint at the end and resumes next time."""
    process = start_trainer(run.request_file)
    waiting = Thread(target=wait_with_pauses, args=(process, settings().data, ignore_pauses))
    waiting.start()
    try:
        yield
        assert process.poll() is None, "the training has ended before the measurement"
    finally:
        process.send_signal(signal.SIGINT)
        waiting.join()


async def answers(transport: LocalTransport, phases: Phases, phase: str, load: Load) -> None:
    """Clients ask for SECONDS; each thinks before every call."""
    end = time.perf_counter() + SECONDS

    async def client(number: int) -> None:
        chance = random.Random(number)
        while time.perf_counter() < end:
            await asyncio.sleep(chance.expovariate(1 / load.thinking) if load.thinking else 0)
            start = time.perf_counter()
            await ask(transport, chance.randrange(10_000))
            phases.answers.setdefault(phase, []).append(time.perf_counter() - start)

    await asyncio.gather(*(client(number) for number in range(load.clients)))
    await asyncio.sleep(max(0.0, end - time.perf_counter()))


async def ask(transport: LocalTransport, number: int) -> None:
    call = Call(mood.declaration, {"sentence": f"It snows on day {number}."}, Options(shots=0))
    async with aclosing(transport.answer(call)) as events:
        completed = [event async for event in events if isinstance(event, Completed)]
    assert completed, "no answer"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"PLAIT_DATA": data, "PLAIT_URL": "none"}
        asyncio.run(measure(prepared_run()))
