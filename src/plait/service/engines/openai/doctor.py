"""Checks of `plait doctor` for a remote model: the server responds in time and has the model that plait.toml names."""

import asyncio

from plait.core.calls import event_loop
from plait.core.errors import PlaitError
from plait.service.engines.openai.config import Config
from plait.service.engines.openai.engine import OpenAI
from plait.service.supervisor.finding import Finding, Findings, ok, wrong
from plait.service.supervisor.machine import CpuUsage

SERVER_TIMEOUT = 2.0  # seconds that a server has to list its models


def check(name: str, config: Config, cpu: CpuUsage) -> Findings:
    yield event_loop.run(check_server(name, config))


async def check_server(name: str, config: Config) -> Finding:
    engine = OpenAI(name, config)
    at = f"{name}: {config.url}"
    try:
        async with asyncio.timeout(SERVER_TIMEOUT):
            await engine.resolve_base()
            names = await engine.model_names()
    except TimeoutError:
        return wrong(
            f"{at} does not answer within {SERVER_TIMEOUT:g} s",
            f"start it, or correct url under [models.{name}] in plait.toml",
        )
    except PlaitError as error:
        return wrong(f"{at}: {error.message}", error.hint)
    finally:
        await engine.aclose()
    if config.name and config.name not in names:
        return wrong(
            f"{at} has no model {config.name!r}",
            f"write name = ... under [models.{name}]: {', '.join(names[:8]) or 'it has none'}",
        )
    return ok(f"{at} answers, with {', '.join(names[:8])}")
