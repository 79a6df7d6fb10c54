"""The version for any typed task answers tasks that have none of their own, and nothing else."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plait.core.calls import event_loop
from plait.core.engine.chat import ChatEngine
from plait.core.engine.conversation import CompletionRequest, Conversation, SamplingOptions
from plait.core.engine.protocol import TextDelta
from plait.core.errors import InputError, NoCapableModel
from plait.core.prompting.prompt import Message
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import ANY_TASK, AdapterHeader
from plait.foundation.cards.gguf.adapter import adapter_metadata
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.service.local_transport import LocalTransport
from plait.service.models.adapter_scope import ANY_TYPED_TASK, task_scope
from plait.service.models.model_version import BASE, NewVersion
from plait.service.models.registry import ModelRegistry, current_registry
from plait.service.models.version_import import ImportOptions, add_adapter
from tests.support.colour_versions import NAME, registry_with_versions
from tests.support.lora_adapters import RANK, write_adapter
from tests.support.running_server import Shell, needs_model

TYPED = "tiny-typed"
POEM = '''from plait import task

@task
def poem(about: str) -> str:
    """Write a poem about {about}."""
    ...
'''
pytestmark = [needs_model, pytest.mark.model]


def write_typed_adapter(file: Path, base: Path, fingerprint: str = ANY_TASK) -> Path:
    header = AdapterHeader("llama", RANK, 2.0 * RANK, file_sha256(base), ANY_TYPED_TASK.task, fingerprint)
    keys = {key.replace(".", "__"): value for key, value in adapter_metadata(header).items()}
    file.parent.mkdir(exist_ok=True)
    return write_adapter(file, read_gguf_header(base), 5, **keys)


def add_typed_version(base: Path, folder: Path) -> ModelRegistry:
    """The registry with the version tiny-typed@1, which answers nobody yet."""
    file = write_typed_adapter(folder / "any.gguf", base)
    add_adapter(current_registry(), file, ImportOptions())
    return current_registry()


async def said(transport: LocalTransport) -> list[str]:
    """What a chat and a completion say, without chance."""
    few = SamplingOptions(max_tokens=8, temperature=0)
    streams = (
        transport.chat(Conversation((Message("user", "Hello"),), sampling=few)),
        transport.complete(CompletionRequest("Hello", sampling=few)),
    )
    return ["".join([event.text async for event in each if isinstance(event, TextDelta)]) for each in streams]


def model_of(transport: LocalTransport, task: Any, name: str | None = None) -> str:
    return transport.engine_for(task.declaration, name).name


def test_it_answers_a_task_without_an_adapter_and_the_base_others(
    transport: LocalTransport, colour: Any, tiny: Path, tmp_path: Path
) -> None:
    registry = add_typed_version(tiny, tmp_path)
    assert model_of(transport, colour) == "tiny", "a candidate answers nobody"
    registry.set_alias(ANY_TYPED_TASK.project, TYPED, {1: 100})
    assert colour.using(timeout=60).detailed("grass").model == f"{TYPED}@1"
    assert model_of(transport, colour, "tiny") == f"{TYPED}@1"
    assert model_of(transport, colour, "tiny-base") == "tiny"
    assert model_of(transport, colour, TYPED) == model_of(transport, colour, f"{TYPED}@1") == f"{TYPED}@1"
    registry.rollback(ANY_TYPED_TASK.project, TYPED)
    event_loop.run(transport.aclose())
    assert model_of(transport, colour) == model_of(transport, colour, TYPED) == "tiny"


def test_a_task_with_its_own_adapter_keeps_it(
    transport: LocalTransport, colour: Any, project: str, tiny: Path, tmp_path: Path
) -> None:
    add_typed_version(tiny, tmp_path).set_alias(ANY_TYPED_TASK.project, TYPED, {1: 100})
    registry = registry_with_versions(colour, tiny, tmp_path, 1)
    assert model_of(transport, colour) == f"{TYPED}@1"
    registry.set_alias(project, NAME, {1: 100})
    assert model_of(transport, colour) == f"{NAME}@1"
    registry.set_alias(project, NAME, {BASE: 100})
    assert model_of(transport, colour) == f"{TYPED}@1", "to the alias of a task the version for any task is the base"


def test_chats_and_completions_are_answered_by_the_base(
    transport: LocalTransport, colour: Any, tiny: Path, tmp_path: Path
) -> None:
    before = event_loop.run(said(transport))
    event_loop.run(transport.aclose())
    add_typed_version(tiny, tmp_path).set_alias(ANY_TYPED_TASK.project, TYPED, {1: 100})
    assert colour.using(timeout=60).detailed("grass").model == f"{TYPED}@1"
    assert event_loop.run(said(transport)) == before
    engine = transport.engine_for(colour.declaration, TYPED)
    assert event_loop.run(said(LocalTransport(only=engine))) != before, "negative control: the adapter says other words"
    for name in (TYPED, f"{TYPED}@1"):
        with pytest.raises(NoCapableModel, match=f"{name} answers typed tasks alone") as refused:
            transport.chat_engine(name)
        assert refused.value.hint == "its base can chat: tiny"


def test_free_text_is_no_typed_task(
    load_source: Callable[..., Any], transport: LocalTransport, colour: Any, tiny: Path, tmp_path: Path
) -> None:
    add_typed_version(tiny, tmp_path).set_alias(ANY_TYPED_TASK.project, TYPED, {1: 100})
    poem = load_source(POEM, "poem", "poems.py")
    assert model_of(transport, poem) == "tiny"


def test_it_still_sees_the_examples_of_the_task(
    transport: LocalTransport, colour: Any, tiny: Path, tmp_path: Path
) -> None:
    add_typed_version(tiny, tmp_path).set_alias(ANY_TYPED_TASK.project, TYPED, {1: 100})
    registry_with_versions(colour, tiny, tmp_path, 1)
    any_task, own = (transport.engine_for(colour.declaration, name) for name in (TYPED, f"{NAME}@1"))
    assert isinstance(any_task, ChatEngine) and any_task.default_shots == 4
    assert isinstance(own, ChatEngine) and own.default_shots == 0


def test_the_file_beside_the_tasks_answers_until_the_registry_names_a_version(
    transport: LocalTransport, colour: Any, tiny: Path, tmp_path: Path
) -> None:
    write_typed_adapter(tmp_path / f"adapters/{TYPED}.gguf", tiny)
    assert colour.using(timeout=60).detailed("grass").model.startswith(f"{TYPED}@")
    assert model_of(transport, colour, TYPED) == TYPED
    add_typed_version(tiny, tmp_path).set_alias(ANY_TYPED_TASK.project, TYPED, {1: 100})
    event_loop.run(transport.aclose())
    assert model_of(transport, colour) == f"{TYPED}@1"


@pytest.mark.parametrize("fingerprint", ["", "ab" * 32, "any"])
def test_a_file_with_another_mark_is_not_used(
    transport: LocalTransport, colour: Any, tiny: Path, tmp_path: Path, fingerprint: str
) -> None:
    write_typed_adapter(tmp_path / f"adapters/{TYPED}.gguf", tiny, fingerprint)
    assert model_of(transport, colour) == "tiny"


def test_an_adapter_is_refused_under_another_scope_than_its_own(colour: Any, tiny: Path, tmp_path: Path) -> None:
    sha256, scope = file_sha256(tiny), task_scope(colour.declaration)
    of_any = write_typed_adapter(tmp_path / "any.gguf", tiny)
    new = NewVersion(scope.project, NAME, "tiny", sha256, scope.task, scope.fingerprint)
    with pytest.raises(InputError, match="trained for another form of a task: typed any_typed_ta") as refused:
        current_registry().add_version(new, of_any)
    assert refused.value.hint.endswith("plait adapt colour")
    of_one = write_typed_adapter(tmp_path / "one.gguf", tiny, scope.fingerprint)
    new = NewVersion(ANY_TYPED_TASK.project, TYPED, "tiny", sha256, ANY_TYPED_TASK.task, ANY_TASK)
    with pytest.raises(InputError, match="trained for another form of a task") as refused:
        current_registry().add_version(new, of_one)
    assert refused.value.hint.endswith("plait adapt --tasks FOLDER")


def test_the_commands_show_roll_back_and_export_it(
    colour: Any, tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_typed_version(tiny, tmp_path)
    shell = Shell(monkeypatch, capsys)
    assert shell("models", "alias", TYPED, "1").code == 0
    shown = shell("models", "show", f"{TYPED}@1").out
    assert "any typed task" in shown and TYPED in shell("models").out
    assert shell("models", "export", f"{TYPED}@1", "any.tar").code == 0
    assert shell("models", "add", "any.tar").code == 0
    assert [each.label for each in current_registry().versions("", TYPED)] == [f"{TYPED}@1", f"{TYPED}@2"]
    assert shell("models", "rollback", TYPED).code == 0
    assert current_registry().alias("", TYPED).champion == BASE
