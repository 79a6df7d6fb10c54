"""Finds OpenAI-compatible servers on this machine, and names tables of plait.toml for their models."""

import asyncio
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from plait.client.nearby import is_listening
from plait.core.engine.model_table import ModelTable
from plait.core.errors import PlaitError
from plait.service.engines.openai.config import Config
from plait.service.engines.openai.engine import OpenAI

LOOPBACK = "127.0.0.1"
USUAL_PORTS = {11434: "Ollama", 8080: "llama.cpp", 8000: "vLLM", 1234: "LM Studio"}
SERVER_TIMEOUT = 2.0  # seconds that a server has to list its models
NO_CHAT_MODEL = re.compile(r"embed|rerank|whisper", re.IGNORECASE)


@dataclass(frozen=True)
class LocalServer:
    """A server on a port of this machine, with the names of its models."""

    port: int
    models: tuple[str, ...]

    @property
    def software(self) -> str:
        """The program that usually has this port."""
        return USUAL_PORTS.get(self.port, f"port {self.port}")

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}/v1"


@dataclass(frozen=True)
class ServedModel:
    """A model of a server, with its table `[models.NAME]`."""

    name: str
    server: LocalServer
    model: str

    @property
    def table(self) -> dict[str, str]:
        return {"url": self.server.url, "name": self.model}


async def find_servers(ports: Iterable[int]) -> list[LocalServer]:
    """The servers on these ports, all asked at the same time, within SERVER_TIMEOUT."""
    answers = await asyncio.gather(*(ask_server(port) for port in ports))
    return [server for server in answers if server is not None]


async def ask_server(port: int) -> LocalServer | None:
    """The server on a port; None if none answers there, or something else than a list of models."""
    if not await asyncio.to_thread(is_listening, LOOPBACK, port):
        return None
    engine = OpenAI(f"port {port}", Config(url=LocalServer(port, ()).url))
    try:
        with suppress(PlaitError, TimeoutError):
            async with asyncio.timeout(SERVER_TIMEOUT):
                return LocalServer(port, tuple(dict.fromkeys(await engine.model_names())))
    finally:
        await engine.aclose()
    return None


def new_models(
    servers: Iterable[LocalServer], connected: Sequence[ModelTable], taken: Iterable[str], wanted: Sequence[str] = ()
) -> list[ServedModel]:
    """The models without a table, each under a name that is not taken.

    `wanted` restricts them to these; without it, models that answer no questions (embeddings) are left out.
    """
    names = set(taken)
    models: list[ServedModel] = []
    for server in servers:
        for model in server.models:
            unwanted = model not in wanted if wanted else NO_CHAT_MODEL.search(model)
            if unwanted or not model or any(is_table_of(table, server, model) for table in connected):
                continue
            models.append(ServedModel(free_name(model, server, names), server, model))
            names.add(models[-1].name)
    return models


def is_table_of(table: ModelTable, server: LocalServer, model: str) -> bool:
    """Whether a table names this model of this server already."""
    if not isinstance(table, Config) or table.name not in ("", model):
        return False
    url = table.url.replace("://localhost", f"://{LOOPBACK}")
    return url in (server.url, server.url.removesuffix("/v1"))


def free_name(model: str, server: LocalServer, taken: set[str]) -> str:
    """A name for the model: `qwen3-8b` for `qwen3:8b` and `models/Qwen3-8B.gguf`; longer if that is taken."""
    base = re.split(r"[/\\]", model.removesuffix(":latest").removesuffix(".gguf"))[-1]
    name = simple_name(base) or "model"
    software = f"{name}-{simple_name(server.software)}"
    candidates = (name, software, *(f"{software}-{number}" for number in range(2, len(taken) + 3)))
    return next(each for each in candidates if each not in taken)


def simple_name(text: str) -> str:
    """The text in lower case, as a bare key of TOML."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")
