"""Adapters of a unified model as it is served: checked in the worker, routed to as versions, rolled back."""

from pathlib import Path
from typing import Any

import pytest

from plait import Box, Image
from plait.core.calls import event_loop
from plait.core.engine.protocol import name_of_model
from plait.core.errors import EngineError, InputError
from plait.core.prompting.project import project_folder, project_key
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.adapter import LoraAdapter, adapted_digest
from plait.service.engines.unified.engine import UnifiedEngine
from plait.service.local_transport import LocalTransport
from plait.service.models.model_version import NewVersion
from plait.service.models.registry import ModelRegistry, current_registry
from plait.service.models.version_import import ImportOptions, add_adapter, add_archive
from plait.service.supervisor.machine import CpuUsage
from plait.tasks.locate import locate
from tests.support.running_server import Shell
from tests.support.shelf import PNG
from tests.support.tiny_weights import save_tiny_weights, tiny_model
from tests.support.unified_adapters import random_adapter

NAME = "tiny/locate"
FINGERPRINT = locate.declaration.fingerprint


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("base") / "tiny.safetensors"
    save_tiny_weights(file, {"locate": FINGERPRINT})
    return file


@pytest.fixture(scope="module")
def adapter(base: Path) -> Path:
    return random_adapter(base, base.with_name("adapter.safetensors"), "locate", FINGERPRINT)


@pytest.fixture
def settings(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plait.toml").write_text(f'[models.tiny]\npath = "{base}"\nthreads = 1\n')


@pytest.fixture
def registry(settings: None, base: Path, adapter: Path) -> ModelRegistry:
    """The registry with a version of the adapter, which no alias names."""
    registry = current_registry()
    project = project_key(project_folder(locate.declaration))
    registry.add_version(NewVersion(project, NAME, "tiny", file_sha256(base), "locate", FINGERPRINT), adapter)
    return registry


def find_mug(model: str | None = None) -> tuple[Box, str]:
    """The answer to one question, and the model that gave it."""
    answer = locate.using(model, timeout=100).detailed(Image(PNG), "the red mug")
    return answer.value, answer.model


def test_a_table_with_an_adapter_answers_with_it_and_its_digest_covers_both(
    settings: None, transport: LocalTransport, base: Path, adapter: Path, tmp_path: Path
) -> None:
    table = f'path = "{base}"\nthreads = 1\n'
    (tmp_path / "plait.toml").write_text(f'[models.tiny]\n{table}[models.own]\n{table}adapter = "{adapter}"\n')
    (plain, plain_model), (own, own_model) = find_mug("tiny"), find_mug("own")
    assert plain != own, "random factors move the box"
    assert own_model == f"own@{adapted_digest(file_sha256(base), file_sha256(adapter))}" != plain_model


def test_an_adapter_of_other_weights_is_refused_before_it_is_loaded_and_by_the_doctor(
    base: Path, adapter: Path, tmp_path: Path
) -> None:
    from plait.service.engines.unified.config import Config
    from plait.service.engines.unified.doctor import check

    other = tmp_path / "other.safetensors"
    save_tiny_weights(other, {"locate": FINGERPRINT}, tiny_model(seed=8))
    engine = UnifiedEngine("other", other, adapter=LoraAdapter("other", adapter))
    with pytest.raises(EngineError, match="was trained on another model than other"):
        event_loop.run(engine.load())
    findings = list(check("other", Config(path=other, adapter=adapter), CpuUsage(2, 2.0, 2.0)))
    assert [each.mark for each in findings] == ["wrong"] and "another model" in findings[0].message
    assert not any("another model" in each.message for each in check("own", Config(path=base), CpuUsage(2, 2.0, 2.0)))
    changed = UnifiedEngine("own", base, adapter=LoraAdapter("own", adapter, "ab" * 32))
    with pytest.raises(EngineError, match="has the sha256"):
        event_loop.run(changed.load())


def test_the_version_of_the_alias_answers_its_task_alone_and_rollback_brings_the_base_back(
    transport: LocalTransport, registry: ModelRegistry
) -> None:
    (version,) = registry.versions(name=NAME)
    before, model_of_base = find_mug()
    assert name_of_model(model_of_base) == "tiny"
    event_loop.run(transport.aclose())  # nothing is loaded, so that the version need not take over
    registry.set_alias(version.project, NAME, {1: 100})
    after, model = find_mug()
    assert model == f"{NAME}@1" and after != before
    assert find_mug("tiny")[1] == f"{NAME}@1" and name_of_model(find_mug("tiny-base")[1]) == "tiny"
    event_loop.run(transport.aclose())
    registry.rollback(version.project, NAME)
    assert find_mug() == (before, model_of_base)


def test_an_exported_version_and_the_file_of_an_adapter_are_added(
    registry: ModelRegistry, adapter: Path, base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    (version,) = registry.versions(name=NAME)
    registry.export(version, tmp_path / "version.tar")
    added = add_archive(registry, tmp_path / "version.tar", ImportOptions())
    assert (added.label, added.sha256) == (f"{NAME}@2", version.sha256)
    assert add_adapter(registry, adapter, ImportOptions()).label == f"{NAME}@3"
    assert registry.verify(added) == ""
    other = tmp_path / "other.safetensors"
    random_adapter(base, other, "locate", "0123456789ab")
    wrong = NewVersion(version.project, NAME, "tiny", file_sha256(base), "locate", FINGERPRINT)
    with pytest.raises(InputError, match="was trained for another form of a task"):
        registry.add_version(wrong, other)
    result = Shell(monkeypatch, capsys)("models", "add", str(adapter))
    assert result.code == 0 and result.out == f"added {NAME}@4\n"
