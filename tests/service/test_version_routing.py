"""The version that the registry names answers a task; another one takes over without a failed request."""

import asyncio
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from plait.core.calls import event_loop
from plait.core.calls.transport import Call
from plait.core.engine.chat import ChatEngine
from plait.core.engine.protocol import name_of_model
from plait.core.engine.validation import Completed
from plait.core.task.options import Options
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.gguf.adapter import adapter_metadata
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.local_transport import LocalTransport
from plait.service.models.registry import ModelRegistry
from tests.support.colour_versions import NAME, registry_with_versions
from tests.support.lora_adapters import RANK, write_adapter
from tests.support.running_server import needs_model

pytestmark = [needs_model, pytest.mark.model]
T = TypeVar("T")


@pytest.fixture
def registry(colour: Any, tiny: Path, tmp_path: Path) -> ModelRegistry:
    return registry_with_versions(colour, tiny, tmp_path, 3)


def run(work: Coroutine[Any, Any, T]) -> T:
    async def bounded() -> T:
        async with asyncio.timeout(120):
            return await work

    return event_loop.run(bounded())


async def answering(transport: LocalTransport, colour: Any, thing: str = "grass", *, person: str = "") -> str:
    """The model that answers one call."""
    call = Call(colour.declaration, {"thing": thing}, Options(timeout=60), person=person)
    async for event in transport.answer(call):
        if isinstance(event, Completed):
            return event.model if re.search(r"@[1-9]$", event.model) else name_of_model(event.model)
    raise AssertionError("no answer")


async def until(expected: str, transport: LocalTransport, colour: Any, **more: Any) -> int:
    """Calls until that model answers; returns how many calls others answered."""
    others = 0
    while await answering(transport, colour, **more) != expected:
        others += 1
        await asyncio.sleep(0.05)
    return others


def pid_of(transport: LocalTransport, name: str) -> int:
    (engine,) = (engine for model, engine in transport.engines.items() if model.name == name)
    assert isinstance(engine, ChatEngine)
    pid = engine.model.base.pid  # type: ignore[attr-defined]
    assert isinstance(pid, int)
    return pid


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_task_is_answered_by_the_version_of_its_alias_without_examples_and_chat_by_the_base(
    transport: LocalTransport, registry: ModelRegistry, colour: Any, project: str
) -> None:
    assert run(answering(transport, colour)) == "tiny", "no alias was set"
    event_loop.run(transport.aclose())
    registry.set_alias(project, NAME, {2: 100})
    assert run(answering(transport, colour)) == f"{NAME}@2"
    assert colour.using(model="tiny", timeout=60).detailed("grass").model == f"{NAME}@2"
    assert colour.using(model="tiny-base", timeout=60).detailed("grass").model.startswith("tiny@")
    engine = transport.engine_for(colour.declaration, None)
    assert isinstance(engine, ChatEngine) and engine.default_shots == 0
    assert transport.chat_engine(None).name == "tiny" and transport.chat_engine(None).default_shots == 4


def test_while_a_version_loads_the_one_before_goes_on_answering(
    transport: LocalTransport, registry: ModelRegistry, colour: Any, project: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, begun = LlamaCpp.start, []

    async def slow_start(self: LlamaCpp) -> Any:
        begun.append(self.adapters)
        if len(begun) > 1:
            await asyncio.sleep(1.0)
        return await start(self)

    monkeypatch.setattr(LlamaCpp, "start", slow_start)

    async def work() -> tuple[int, int]:
        registry.set_alias(project, NAME, {1: 100})
        assert await answering(transport, colour) == f"{NAME}@1"
        before = pid_of(transport, f"{NAME}@1")
        registry.set_alias(project, NAME, {2: 100})
        return await until(f"{NAME}@2", transport, colour), before

    others, before = run(work())
    assert others >= 2 and len(begun) == 2, "answered meanwhile, and loaded once"
    run(asyncio.sleep(0.5))
    assert not is_running(before), "the process of the version before has ended"


def test_no_request_fails_while_versions_take_over_from_one_another(
    transport: LocalTransport, registry: ModelRegistry, colour: Any, project: str
) -> None:
    models: Counter[str] = Counter()
    is_done = False

    async def client(number: int) -> None:
        while not is_done:
            models[await answering(transport, colour, f"thing {number}")] += 1

    async def work() -> None:
        nonlocal is_done
        registry.set_alias(project, NAME, {1: 100})
        await answering(transport, colour)
        clients = [asyncio.create_task(client(number)) for number in range(4)]
        for swap in range(4):
            number = 1 + (swap + 1) % 3
            registry.set_alias(project, NAME, {number: 100})
            await until(f"{NAME}@{number}", transport, colour)
        registry.rollback(project, NAME)
        await until(f"{NAME}@1", transport, colour)
        is_done = True
        await asyncio.gather(*clients)

    run(work())
    assert set(models) == {f"{NAME}@{number}" for number in (1, 2, 3)} and sum(models.values()) >= 20


def test_an_answer_in_progress_is_finished_by_the_version_that_began_it(
    transport: LocalTransport, registry: ModelRegistry, colour: Any, project: str
) -> None:
    async def work() -> None:
        registry.set_alias(project, NAME, {1: 100})
        await answering(transport, colour)
        engine = transport.engine_for(colour.declaration, None)
        before = pid_of(transport, f"{NAME}@1")
        with transport.pool.using(engine):
            registry.set_alias(project, NAME, {2: 100})
            await until(f"{NAME}@2", transport, colour)
            await answering(transport, colour)
            assert is_running(before), "an answer still uses it"
        while is_running(before):
            await asyncio.sleep(0.02)

    run(work())


def test_looking_which_model_answers_outside_of_the_event_loop_loads_and_ends_none(
    transport: LocalTransport, registry: ModelRegistry, colour: Any, project: str
) -> None:
    registry.set_alias(project, NAME, {1: 100})
    run(answering(transport, colour))
    registry.set_alias(project, NAME, {2: 100})
    assert transport.engine_for(colour.declaration, None).name == f"{NAME}@1", "2 is not loaded yet"
    run(until(f"{NAME}@2", transport, colour))
    registry.set_alias(project, NAME, {0: 100})
    assert transport.engine_for(colour.declaration, None).name in (f"{NAME}@2", "tiny")


def test_a_canary_answers_its_share_and_always_the_same_persons(
    transport: LocalTransport, registry: ModelRegistry, colour: Any, project: str
) -> None:
    persons = [f"person {number}" for number in range(12)]

    async def work() -> tuple[list[set[str]], set[str]]:
        registry.set_alias(project, NAME, {1: 100})
        await answering(transport, colour)
        registry.set_alias(project, NAME, {1: 50, 2: 50})
        while not all(map(transport.pool.is_loaded, next(iter(transport.versions.routes.values())).versions.values())):
            await answering(transport, colour)
        await until(f"{NAME}@2", transport, colour)
        await until(f"{NAME}@1", transport, colour)
        sticky = [{await answering(transport, colour, person=person) for _ in range(3)} for person in persons]
        return sticky, {await answering(transport, colour) for _ in range(24)}

    sticky, anonymous = run(work())
    assert all(len(models) == 1 for models in sticky)
    assert set.union(*sticky) == anonymous == {f"{NAME}@1", f"{NAME}@2"}, "nobody alone is sent to one version"


def test_the_adapter_that_comes_with_a_task_answers_until_the_registry_names_a_version(
    transport: LocalTransport, colour: Any, tiny: Path, tmp_path: Path, project: str
) -> None:
    registry = registry_with_versions(colour, tiny, tmp_path, 1)
    ship_adapter(colour, tiny, tmp_path)
    assert run(answering(transport, colour)) == NAME
    assert colour.using(model=NAME, timeout=60).detailed("grass").model.startswith(f"{NAME}@")
    assert colour.using(model="tiny-base", timeout=60).detailed("grass").model.startswith("tiny@")

    async def work() -> None:
        registry.set_alias(project, NAME, {1: 100})
        await until(f"{NAME}@1", transport, colour)
        registry.rollback(project, NAME)
        await until(NAME, transport, colour)

    run(work())


@pytest.mark.parametrize("change", ["fingerprint", "base_sha256"])
def test_an_adapter_for_another_form_of_the_task_or_another_base_is_not_used(
    transport: LocalTransport, colour: Any, tiny: Path, tmp_path: Path, change: str
) -> None:
    ship_adapter(colour, tiny, tmp_path, **{change: "ab" * 32})
    assert run(answering(transport, colour)) == "tiny"


def ship_adapter(colour: Any, base: Path, folder: Path, **more: str) -> None:
    (folder / "adapters").mkdir()
    facts = {"base_sha256": file_sha256(base), "fingerprint": colour.declaration.fingerprint} | more
    header = AdapterHeader("llama", RANK, 2.0 * RANK, task="colour", **facts)
    keys = {key.replace(".", "__"): value for key, value in adapter_metadata(header).items()}
    write_adapter(folder / "adapters/colour.tiny.gguf", read_gguf_header(base), 7, **keys)


def test_the_base_answers_in_place_of_a_version_whose_file_is_damaged(
    transport: LocalTransport, registry: ModelRegistry, colour: Any, project: str, caplog: pytest.LogCaptureFixture
) -> None:
    registry.set_alias(project, NAME, {1: 100})
    file = registry.file(registry.version(project, NAME, 1))
    file.chmod(0o600)
    file.write_bytes(b"GGUF" + file.read_bytes()[5:])
    assert run(answering(transport, colour)) == "tiny"
    assert run(answering(transport, colour)) == "tiny"
    assert len([each for each in caplog.records if "its base answers instead" in each.message]) == 1


def test_without_a_database_a_call_imports_none(colour: Any, tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from colours import colour\n"
        "from plait.service.local_transport import LocalTransport\n"
        "LocalTransport().engine_for(colour.declaration, None)\n"
        "assert 'plait.service.version_routing' in sys.modules\n"
        "sys.exit('sqlalchemy' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=tmp_path, timeout=60).returncode == 0
