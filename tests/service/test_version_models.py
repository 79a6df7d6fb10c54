"""A version of the registry is a model: its base with its adapter, by name in Python and on the command line."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plait.core.engine.chat import ChatEngine
from plait.core.engine.protocol import model_of_answer, name_of_model
from plait.core.errors import ModelNotFound, PlaitError, error_text
from plait.core.values.file_digest import file_sha256
from plait.service.engines.llamacpp.config import Config
from plait.service.models.discovery import find_model
from plait.service.models.registry import ModelRegistry
from tests.support.colour_versions import NAME, registry_with_versions, write_settings
from tests.support.running_server import Shell, needs_model
from tests.support.tiny_llama import TinyLlama

ROWS = [{"thing": f"thing {number}", "answer": ("red", "blue")[number % 2]} for number in range(12)]

pytestmark = [needs_model, pytest.mark.model]


@pytest.fixture
def registry(colour: Any, tiny: Path, tmp_path: Path) -> ModelRegistry:
    """Two versions of the task's adapter, and rows to evaluate them on."""
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    return registry_with_versions(colour, tiny, tmp_path)


def model_names(colour: Any, *models: str) -> list[str]:
    return [colour.using(model=model, shots=0, timeout=60).detailed("grass").model for model in models]


@pytest.mark.usefixtures("transport")
def test_a_version_answers_and_is_named_by_the_answer(registry: ModelRegistry, colour: Any) -> None:
    with_adapter, base = model_names(colour, f"{NAME}@2", "tiny")
    assert with_adapter == f"{NAME}@2" and base.startswith("tiny@") and name_of_model(base) == "tiny"


@pytest.mark.usefixtures("transport")
def test_an_alias_answers_with_the_version_of_most_weight_else_with_the_base(
    registry: ModelRegistry, colour: Any, project: str
) -> None:
    assert find_model(NAME, declaration=colour.declaration).name == "tiny", "no alias was set"
    registry.set_alias(project, NAME, {1: 90, 2: 10})
    assert model_names(colour, NAME) == [f"{NAME}@1"]
    registry.set_alias(project, NAME, {2: 100})
    assert find_model(NAME).name == f"{NAME}@2"
    registry.rollback(project, NAME)
    assert find_model(NAME).name == f"{NAME}@1"


def test_a_version_is_its_base_with_the_file_of_the_store(registry: ModelRegistry, tiny: Path, project: str) -> None:
    model = find_model(f"{NAME}@1")
    file = registry.file(registry.version(project, NAME, 1))
    assert model.config == Config(path=tiny, context=512, adapter=file) and model == find_model(f"{NAME}@1")
    engine = model.engine()
    assert isinstance(engine, ChatEngine) and model_of_answer(engine) == engine.name == f"{NAME}@1"


def test_the_command_line_runs_and_compares_versions(
    registry: ModelRegistry, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(monkeypatch, capsys)
    result = shell("run", "colours.py", "--thing", "grass", "--model", f"{NAME}@1", "--shots", "0", "--detailed")
    assert result.code == 0 and f'"model":"{NAME}@1"' in result.out.replace(" ", ""), result.err
    flags = ("--data", "rows.jsonl", "--shots", "0", "--model", "tiny", "--against", f"model={NAME}@2", "--worst", "0")
    result = shell("evaluate", "colours.py", *flags)
    assert result.code == 0 and f"against {NAME}@2" in result.out, result.err
    result = shell("run", "colours.py", "--thing", "grass", "--model", f"{NAME}@7")
    assert result.code == 2 and result.err.startswith(f"ModelNotFound: there is no {NAME}@7\n"), result.err
    assert f"  → there are {NAME}@1, {NAME}@2" in result.err


def refusal(name: str, **more: Any) -> PlaitError:
    with pytest.raises(ModelNotFound) as caught:
        find_model(name, **more)
    assert caught.value.hint
    return caught.value


def test_a_version_of_another_base_is_refused_with_both_named(
    registry: ModelRegistry, tiny: Path, tmp_path: Path, project: str
) -> None:
    other = TinyLlama(layers=1).write(tmp_path / "other.gguf")
    write_settings(tmp_path, other)
    message = refusal(f"{NAME}@1").message
    assert file_sha256(tiny)[:12] in message and file_sha256(other)[:12] in message
    write_settings(tmp_path, tiny, "small")
    error = refusal(f"{NAME}@1")
    assert "is an adapter of tiny, and no model is called so" in error.message and "[models.tiny]" in error.hint


def test_a_damaged_file_is_refused_before_an_engine_sees_it(registry: ModelRegistry, project: str) -> None:
    version = registry.version(project, NAME, 1)
    content = bytearray(registry.file(version).read_bytes())
    content[-1] ^= 1
    registry.file(version).write_bytes(content)
    assert "has other bytes than when it was added" in refusal(f"{NAME}@1").message
    registry.file(version).unlink()
    assert "is missing" in refusal(f"{NAME}@1").message


@pytest.mark.usefixtures("registry")
def test_names_that_are_not_there_are_refused_with_the_nearest() -> None:
    assert refusal("tiny/color@1").hint == f"did you mean {NAME}?" == refusal("tiny/color").hint
    assert refusal("something/else@1").message == "no model is called 'something/else@1'"
    assert refusal("a b@1").message == "no model is called 'a b@1'"


def test_a_version_of_another_project_is_not_found(
    registry: ModelRegistry, load_source: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "plait.toml").write_text((tmp_path / "plait.toml").read_text())
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert "no model is called" in refusal(f"{NAME}@1").message


def test_a_newer_schema_is_refused_with_the_way_back(registry: ModelRegistry) -> None:
    from sqlalchemy import text

    from plait.core.errors import SettingsError
    from plait.storage.schema import update_schema

    with registry.database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    update_schema.cache_clear()
    with pytest.raises(SettingsError) as caught:
        find_model(f"{NAME}@1")
    assert "has the schema 9999" in caught.value.message and "plait restore" in error_text(caught.value)
    update_schema.cache_clear()


def test_without_a_database_nothing_is_opened(colour: Any, tmp_path: Path) -> None:
    assert "no model is called" in refusal(f"{NAME}@1").message
    assert not (tmp_path / "data").exists()
