"""Whether each model can be had: its file is there, its server answers, threads and memory are enough for it."""

import asyncio
from collections.abc import Callable

from plait.cli.doctor.finding import Finding, Findings, ok, warn, wrong
from plait.cli.doctor.machine import CpuUsage, memory_usage
from plait.core.calls import event_loop
from plait.core.errors import CheckpointError, PlaitError
from plait.service.engines.llamacpp import LlamaCpp
from plait.service.engines.openai import OpenAI
from plait.service.engines.unified import UnifiedEngine
from plait.service.engines.unified.engine import INSTALL_UNIFIED
from plait.service.models.discovery import ModelFile, ModelServer, UnifiedFile, known_models, no_chat_model_error

SERVER_TIMEOUT = 2.0  # seconds that a server has to list its models


def check_models(cpu: CpuUsage) -> Findings:
    models = known_models()
    if all(isinstance(model, UnifiedFile) for model in models):
        error = no_chat_model_error("no chat model is installed")
        yield wrong(error.message, error.hint)
    for position, model in enumerate(models):
        # The first one answers whatever it can: nothing comes without it.
        make_finding = warn if position else wrong
        if isinstance(model, ModelServer):
            yield event_loop.run(check_server(model, make_finding))
        elif isinstance(model, UnifiedFile):
            yield check_weights(model, make_finding)
        elif not model.path.is_file():
            yield make_finding(
                f"{model.name}: {model.path} is not there", f"mend path under [models.{model.name}] in plait.toml"
            )
        else:
            yield check_threads(model, cpu)
            yield from check_memory(model)


async def check_server(model: ModelServer, make_finding: Callable[[str, str], Finding]) -> Finding:
    """Whether it answers in time, and has what plait.toml names."""
    engine = OpenAI(model.name, model.server)
    at = f"{model.name}: {model.server.url}"
    try:
        async with asyncio.timeout(SERVER_TIMEOUT):
            names = await engine.model_names()
    except TimeoutError:
        return make_finding(f"{at} does not answer within {SERVER_TIMEOUT:g} s", "is it started? is the address right?")
    except PlaitError as error:
        return make_finding(f"{at}: {error.message}", error.hint)
    finally:
        await engine.aclose()
    if model.server.name and model.server.name not in names:
        return make_finding(
            f"{at} has no model {model.server.name!r}",
            f"write name = ... under [models.{model.name}]: {', '.join(names[:8]) or 'it has none'}",
        )
    return ok(f"{at} answers, with {', '.join(names[:8])}")


def check_weights(model: UnifiedFile, make_finding: Callable[[str, str], Finding]) -> Finding:
    """Whether the weights can be read, and what runs them is installed."""
    engine = UnifiedEngine(model.name, model.path, model.plan)
    try:
        card = engine.card
    except CheckpointError as error:
        return make_finding(f"{model.name}: {error.message}", error.hint)
    if engine.missing_packages:
        return make_finding(f"{model.name} needs the package {', '.join(engine.missing_packages)}", INSTALL_UNIFIED)
    return ok(f"{model.name} answers {', '.join(card.tasks)}, with {card.parameters / 1e6:,.1f} million parameters")


def check_threads(model: ModelFile, cpu: CpuUsage) -> Finding:
    """More threads than idle cores wait for each other: with two on two cores and anything else busy, the rate fell
    from 75 to 3-20 tokens/s (research/model-service, 3.3)."""
    load = LlamaCpp(model.name, model.path, model.context, model.threads).load_options
    message = f"{model.name} takes {load.threads} of {cpu.total} cores to answer, {load.batch_threads} to read a prompt"
    idle = f"{cpu.idle:.1f} are idle"
    figures = {"threads": load.threads, "batch_threads": load.batch_threads, "idle_cores": round(cpu.idle, 1)}
    if load.threads > cpu.available:
        fewer = max(1, int(cpu.available) - 1)
        return warn(
            f"{message}, but {cpu.available:g} are ours",
            f"set PLAIT_THREADS={fewer}, or threads = {fewer} in plait.toml",
            **figures,
        )
    if load.threads > cpu.idle + 0.5:
        busy = f", {', '.join(cpu.busiest)}" if cpu.busiest else ""
        return warn(f"{message}; {idle}{busy}", "answers are slow until the others are done", **figures)
    return ok(f"{message}; {idle}", **figures)


def check_memory(model: ModelFile) -> Findings:
    """Weights are mapped into memory; where they do not fit, each token reads them from disk again."""
    memory, size = memory_usage(), model.path.stat().st_size
    if memory is None:
        return
    message = (
        f"{model.name} needs more than its file's {size / 1e6:,.0f} MB; {memory.available / 1e6:,.0f} MB are available"
    )
    figures = {"file_mb": round(size / 1e6), "available_mb": round(memory.available / 1e6)}
    if memory.available < size * 1.2:
        yield warn(message, "end what takes memory, or take a smaller file or a shorter context", **figures)
    else:
        yield ok(message, **figures)
