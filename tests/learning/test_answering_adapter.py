"""What a run starts from: the adapter that answers now, of the same base, with its rank and layers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import SettingsError
from plait.core.prompting.example_rows import Example
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.values import GgufValue
from plait.foundation.text.adapt_request import AdaptRequest, LoraConfig, SftConfig, chosen_lora, write_request
from plait.learning.adapt import plan_adaptation
from plait.learning.adapt_plan import REQUEST_FILE, AdaptPlan
from plait.learning.answer_origin import teaching_versions
from plait.learning.answering_adapter import StartingAdapter, champion_adapter, started_config, starting_adapter
from plait.learning.text_backend import run_name, run_start
from plait.service.engines.llamacpp.config import Config
from plait.service.models.adapter_scope import AdapterScope, task_scope
from plait.service.models.discovery import Model
from plait.service.models.model_version import NewVersion, TaughtExample, VersionManifest
from plait.service.models.registry import current_registry
from tests.support.colour_versions import COLOUR, NAME, project_of_task, registry_with_versions, write_settings
from tests.support.lora_adapters import RANK, write_adapter
from tests.support.tiny_llama import TinyLlama


@pytest.fixture
def model(tmp_path: Path) -> Model:
    file = TinyLlama(tensor_type="Q8_0").write(tmp_path / "tiny.gguf")
    write_settings(tmp_path, file)
    return Model("tiny", Config(path=file, context=512))


@pytest.fixture
def colour(load_source: Callable[..., Any]) -> Any:
    return load_source(COLOUR, "colour", "colours.py")


def start_of(colour: Any, model: Model) -> StartingAdapter | None:
    return starting_adapter(task_scope(colour.declaration), model, colour.declaration)


def answer_by(colour: Any, number: int) -> None:
    registry, project = current_registry(), project_of_task(colour)
    seen = registry.alias(project, NAME, colour.declaration.fingerprint)
    registry.set_alias(project, NAME, {number: 100}, reason="better", seen=seen)


def ship(colour: Any, model: Model) -> Path:
    """An adapter beside the task's file."""
    assert isinstance(model.config, Config)
    file = Path("adapters/colour.tiny.gguf")
    file.parent.mkdir()
    facts = {
        "plait__base__sha256": file_sha256(model.config.path),
        "plait__task": "colour",
        "plait__task__fingerprint": colour.declaration.fingerprint,
    }
    metadata = {key: GgufValue.text(text) for key, text in facts.items()}
    return write_adapter(file, read_gguf_header(model.config.path), 7, **metadata)


def test_the_bare_model_starts_nothing(colour: Any, model: Model) -> None:
    assert start_of(colour, model) is None


def test_the_version_that_answers_starts_a_run_and_a_candidate_does_not(
    colour: Any, model: Model, tmp_path: Path
) -> None:
    assert isinstance(model.config, Config)
    registry = registry_with_versions(colour, model.config.path, tmp_path)
    assert start_of(colour, model) is None, "both are candidates"
    answer_by(colour, 2)
    start = start_of(colour, model)
    version = registry.version(project_of_task(colour), NAME, 2)
    assert start == StartingAdapter(f"{NAME}@2", registry.file(version), version.sha256)
    other = Model("tiny", Config(path=TinyLlama(tensor_type="F16").write(tmp_path / "other.gguf"), context=512))
    assert start_of(colour, other) is None, "the adapter belongs to another file"


def test_the_adapter_that_comes_with_a_task_starts_a_run_until_a_version_answers(
    colour: Any, model: Model, tmp_path: Path
) -> None:
    assert isinstance(model.config, Config)
    file = ship(colour, model).resolve()
    assert start_of(colour, model) == StartingAdapter(NAME, file, file_sha256(file))
    registry = registry_with_versions(colour, model.config.path, tmp_path)
    answer_by(colour, 1)
    start, candidate = start_of(colour, model), registry.version(project_of_task(colour), NAME, 2)
    assert start and start.name == f"{NAME}@1"
    champion = champion_adapter(registry, scope_of(colour), model, colour.declaration, candidate)
    assert champion and champion.name == start.name and champion.path == start.file


def scope_of(colour: Any) -> AdapterScope:
    return task_scope(colour.declaration)


def test_rank_and_layers_are_those_of_the_start_and_others_are_refused(colour: Any, model: Model) -> None:
    ship(colour, model)
    start = start_of(colour, model)
    assert start
    config = started_config(SftConfig(epochs=3), start, model)
    assert config.lora == LoraConfig(RANK, 2.0 * RANK) and config.epochs == 3
    for same in (chosen_lora(RANK), LoraConfig(RANK, 5.0), chosen_lora(RANK, upper_layers=2)):
        assert started_config(SftConfig(same), start, model).lora == config.lora
    for other in (chosen_lora(RANK + 1), chosen_lora(None, upper_layers=1)):
        with pytest.raises(SettingsError, match="has rank 8 in 2 of 2 layers") as caught:
            started_config(SftConfig(other), start, model)
        assert "--from-base" in caught.value.hint


def test_the_run_that_made_what_answers_is_found_again_and_other_rows_go_on_from_it(
    colour: Any, model: Model, tmp_path: Path
) -> None:
    examples = [Example({"thing": f"a thing of number {n * 37}"}, "red") for n in range(12)]
    plan = plan_adaptation(colour.declaration, model, examples, SftConfig())
    folder = plan.folder
    first, nothing, _ = run_start(plan, "ab", [])
    assert nothing is None and first.parent == folder

    start = StartingAdapter(f"{NAME}@1", tmp_path / "version.gguf", "cd" * 32, first.name)
    again = replace(plan, start=start)
    assert run_start(again, "ab", [])[1] == start.file, "that run was never finished"
    write_finished_run(first, plan)
    assert run_start(again, "ab", []) == (first, None, "")
    longer = replace(again, config=SftConfig(epochs=9))
    assert run_start(longer, "ab", []) == (folder / run_name(longer, "ab", [], start.sha256), start.file, start.sha256)


def write_finished_run(folder: Path, plan: AdaptPlan) -> None:
    assert isinstance(plan.model.config, Config)
    folder.mkdir(parents=True)
    request = AdaptRequest("colour", plan.model.config.path, "ab", folder / "rows.jsonl", folder)
    write_request(request, folder / REQUEST_FILE)
    request.adapter.write_bytes(b"an adapter")


def test_what_a_person_taught_is_followed_to_versions_that_were_trained_on(
    colour: Any, model: Model, tmp_path: Path
) -> None:
    assert isinstance(model.config, Config)
    registry, project = current_registry(), project_of_task(colour)
    digest = ""
    for number, taught in enumerate((("7",), (), ("8",)), 1):
        config = {"start": f"{NAME}@{number - 1}", "start_sha256": digest} if number == 2 else {}
        manifest = VersionManifest(config, "", tuple(TaughtExample(id, "") for id in taught))
        new = NewVersion(
            project, NAME, "tiny", file_sha256(model.config.path), "colour", colour.declaration.fingerprint, manifest
        )
        file = write_adapter(tmp_path / f"{number}.gguf", read_gguf_header(model.config.path), number)
        digest = registry.add_version(new, file).sha256
    assert [each.number for each in teaching_versions(registry, {"7"})] == [1, 2]
    assert [each.number for each in teaching_versions(registry, {"8"})] == [3]
