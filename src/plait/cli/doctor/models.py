"""Whether each model can be had: its file is there, its server answers, threads and memory are enough for it."""

import asyncio
from collections.abc import Callable

from plait.cli.doctor.finding import Finding, Findings, ok, warn, wrong
from plait.cli.doctor.machine import Cores, memory
from plait.core.calls import event_loop
from plait.core.errors import CheckpointError, PlaitError
from plait.service.engines.llamacpp import LlamaCpp
from plait.service.engines.openai import OpenAI
from plait.service.engines.unified import Native
from plait.service.engines.unified.engine import EXTRA
from plait.service.models.discovery import ModelFile, ModelServer, UnifiedFile, known_models, missing

WITHIN = 2.0  # seconds that a server has to list its models


def models(has: Cores) -> Findings:
    known = known_models()
    if all(isinstance(model, UnifiedFile) for model in known):
        none = missing("no chat model is installed")
        yield wrong(none.message, none.way_out)
    for place, model in enumerate(known):
        # The first one answers whatever it can: nothing comes without it.
        bad = warn if place else wrong
        if isinstance(model, ModelServer):
            yield event_loop.run(server(model, bad))
        elif isinstance(model, UnifiedFile):
            yield weights(model, bad)
        elif not model.path.is_file():
            yield bad(
                f"{model.name}: {model.path} is not there", f"mend path under [models.{model.name}] in plait.toml"
            )
        else:
            yield threads(model, has)
            yield from room(model)


async def server(model: ModelServer, bad: Callable[[str, str], Finding]) -> Finding:
    """Whether it answers in time, and has what plait.toml names."""
    engine = OpenAI(model.name, model.server)
    at = f"{model.name}: {model.server.url}"
    try:
        async with asyncio.timeout(WITHIN):
            names = await engine.names()
    except TimeoutError:
        return bad(f"{at} does not answer within {WITHIN:g} s", "is it started? is the address right?")
    except PlaitError as error:
        return bad(f"{at}: {error.message}", error.way_out)
    finally:
        await engine.aclose()
    if model.server.name and model.server.name not in names:
        return bad(
            f"{at} has no model {model.server.name!r}",
            f"write name = ... under [models.{model.name}]: {', '.join(names[:8]) or 'it has none'}",
        )
    return ok(f"{at} answers, with {', '.join(names[:8])}")


def weights(model: UnifiedFile, bad: Callable[[str, str], Finding]) -> Finding:
    """Whether the weights can be read, and what runs them is installed."""
    engine = Native(model.name, model.path, model.plan)
    try:
        card = engine.card
    except CheckpointError as error:
        return bad(f"{model.name}: {error.message}", error.way_out)
    if engine.lacks:
        return bad(f"{model.name} needs the package {', '.join(engine.lacks)}", EXTRA)
    return ok(f"{model.name} answers {', '.join(card.tasks)}, with {card.parameters / 1e6:,.1f} million parameters")


def threads(model: ModelFile, has: Cores) -> Finding:
    """More threads than idle cores wait for each other: with two on two cores and anything else busy, the rate fell
    from 75 to 3-20 tokens/s (research/model-service, 3.3)."""
    load = LlamaCpp(model.name, model.path, model.context, model.threads).load
    told = f"{model.name} takes {load.threads} of {has.all} cores to answer, {load.batch_threads} to read a prompt"
    idle = f"{has.idle:.1f} are idle"
    figures = {"threads": load.threads, "batch_threads": load.batch_threads, "idle_cores": round(has.idle, 1)}
    if load.threads > has.ours:
        fewer = max(1, int(has.ours) - 1)
        return warn(
            f"{told}, but {has.ours:g} are ours",
            f"set PLAIT_THREADS={fewer}, or threads = {fewer} in plait.toml",
            **figures,
        )
    if load.threads > has.idle + 0.5:
        busy = f", {', '.join(has.busiest)}" if has.busiest else ""
        return warn(f"{told}; {idle}{busy}", "answers are slow until the others are done", **figures)
    return ok(f"{told}; {idle}", **figures)


def room(model: ModelFile) -> Findings:
    """Weights are mapped into memory; where they do not fit, each token reads them from disk again."""
    has, size = memory(), model.path.stat().st_size
    if has is None:
        return
    told = f"{model.name} needs more than its file's {size / 1e6:,.0f} MB; {has.available / 1e6:,.0f} MB are available"
    figures = {"file_mb": round(size / 1e6), "available_mb": round(has.available / 1e6)}
    if has.available < size * 1.2:
        yield warn(told, "end what takes memory, or take a smaller file or a shorter context", **figures)
    else:
        yield ok(told, **figures)
