"""Requests while versions of an adapter take over from one another: how many fail, how long they wait.

The embedded model answers a small task for CLIENTS clients until REQUESTS are answered; meanwhile another version is
published SWAPS times, at equal distances. Seconds count from publication (the alias is committed) to the first answer
of the new version; while it loads, the one before answers.

    python -m benchmarks.adapter_swaps
"""

import asyncio
import os
import tempfile
import time
from collections import Counter
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from benchmarks.measure import median, report
from plait import task
from plait.core.calls.transport import Call
from plait.core.engine.validation import Completed
from plait.core.errors import PlaitError
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.options import Options
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.service.engines.llamacpp.config import embedded_file
from plait.service.local_transport import LocalTransport
from plait.service.models.model_version import NewVersion
from plait.service.models.registry import ModelRegistry, current_registry
from tests.support.lora_adapters import write_adapter

REQUESTS, SWAPS, CLIENTS, VERSIONS = 500, 10, 4, 3
BUDGET_SECONDS = 3.0  # adapter published to first adapted token
ALIAS = "smollm2/mood"


@task
def mood(sentence: str) -> Literal["glad", "sad", "angry", "calm"]:
    """Which mood is in {sentence}?"""
    ...


@dataclass
class Counts:
    """Answers by model, failures by error, and when each model answered first after it was published."""

    models: Counter[str] = field(default_factory=Counter[str])
    failures: Counter[str] = field(default_factory=Counter[str])
    seconds: list[float] = field(default_factory=list[float])
    first: dict[str, float] = field(default_factory=dict[str, float])

    @property
    def total(self) -> int:
        return self.models.total() + self.failures.total()


async def main(folder: Path) -> None:
    registry = current_registry()
    add_versions(registry, folder)
    transport, counts = LocalTransport(), Counts()
    publish(registry, 1)
    await ask(transport, 0)
    clients = [asyncio.create_task(client(transport, counts, number)) for number in range(CLIENTS)]
    delays: list[float] = []
    for swap in range(1, SWAPS + 1):
        while counts.total < swap * REQUESTS // (SWAPS + 1):
            await asyncio.sleep(0.01)
        name = f"{ALIAS}@{1 + swap % VERSIONS}"
        counts.first.pop(name, None)
        published = time.perf_counter()
        publish(registry, 1 + swap % VERSIONS)
        while counts.first.get(name, 0.0) < published:
            await asyncio.sleep(0.005)
        delays.append(counts.first[name] - published)
    await asyncio.gather(*clients)
    await transport.aclose()
    ordered = sorted(counts.seconds)
    report(
        "adapter_swaps",
        {
            "requests": counts.total,
            "swaps": SWAPS,
            "failed": dict(counts.failures),
            "answers_by_version": dict(sorted(counts.models.items())),
            "seconds_per_answer": {
                "median": round(median(ordered), 3),
                "p95": round(ordered[len(ordered) * 95 // 100], 3),
            },
            "seconds_to_first_answer": {"median": round(median(delays), 2), "all": [round(each, 2) for each in delays]},
            "budget_seconds": BUDGET_SECONDS,
        },
    )


def add_versions(registry: ModelRegistry, folder: Path) -> None:
    path = embedded_file()
    assert path is not None, "the embedded model is not installed"
    header, declaration = read_gguf_header(path), mood.declaration
    for seed in range(VERSIONS):
        file = write_adapter(folder / f"{seed}.gguf", header, seed)
        new = NewVersion(project(), ALIAS, "smollm2", file_sha256(path), declaration.name, declaration.fingerprint)
        registry.add_version(new, file)


def project() -> str:
    return project_key(project_folder(mood.declaration))


def publish(registry: ModelRegistry, number: int) -> None:
    registry.set_alias(project(), ALIAS, {number: 100})


async def client(transport: LocalTransport, counts: Counts, number: int) -> None:
    while counts.total < REQUESTS:
        start = time.perf_counter()
        try:
            model = await ask(transport, number)
        except PlaitError as error:
            counts.failures[type(error).__name__] += 1
            continue
        counts.first.setdefault(model, time.perf_counter())
        counts.models[model] += 1
        counts.seconds.append(time.perf_counter() - start)


async def ask(transport: LocalTransport, number: int) -> str:
    call = Call(mood.declaration, {"sentence": f"It rains on day {number}."}, Options())
    async with aclosing(transport.answer(call)) as events:
        async for event in events:
            if isinstance(event, Completed):
                return event.model
    raise AssertionError("no answer")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as data:
        os.environ |= {"PLAIT_DATA": data, "PLAIT_URL": "none"}
        asyncio.run(main(Path(data)))
