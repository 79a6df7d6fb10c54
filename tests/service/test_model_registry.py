"""The registry of models: numbered versions, aliases with weights and history, rollback, removal."""

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from plait.core.errors import CheckpointError, InputError, ModelNotFound, SettingsError
from plait.foundation.cards.adapter import AdapterHeader
from plait.service.models.model_version import (
    BASE,
    AliasState,
    TaughtExample,
    VersionManifest,
    VersionName,
    parse_version_name,
)
from plait.service.models.registry import ModelRegistry, current_registry
from plait.storage.database import database_at
from plait.storage.fsck import check
from plait.storage.schema import update_schema
from tests.support.postgresql import postgresql, postgresql_address
from tests.support.stored_versions import BASE_SHA256, FINGERPRINT, NAME, PROJECT, new_version, write_small_adapter

__all__ = ["postgresql", "postgresql_address"]


@pytest.fixture(params=["sqlite", "postgresql"])
def registry(request: pytest.FixtureRequest) -> Iterator[ModelRegistry]:
    if request.param == "postgresql":
        request.getfixturevalue("postgresql")
    update_schema.cache_clear()
    yield current_registry()
    update_schema.cache_clear()


@pytest.fixture
def sqlite() -> ModelRegistry:
    return current_registry()


@pytest.fixture
def adapter(tmp_path: Path) -> Path:
    return write_small_adapter(tmp_path / "adapter.gguf")


def add(registry: ModelRegistry, adapter: Path, count: int) -> None:
    for _ in range(count):
        registry.add_version(new_version(), adapter)


def numbers(registry: ModelRegistry) -> list[int]:
    return [each.number for each in registry.versions(PROJECT, NAME)]


# ── versions ──


def test_a_version_is_numbered_kept_and_read_again(registry: ModelRegistry, adapter: Path) -> None:
    assert registry.versions() == [] and registry.resolve(PROJECT, NAME) is None
    manifest = VersionManifest(
        {"rank": 8}, "c" * 64, (TaughtExample("7", "d" * 64),), 3, {"plait": "0.1.0", "torch": "2.8"}
    )
    new = new_version()
    first = registry.add_version(type(new)(**{**vars(new), "manifest": manifest, "run": "0123456789ab"}), adapter)
    second = registry.add_version(new, adapter)
    assert (first.label, second.label) == (f"{NAME}@1", f"{NAME}@2") and first.sha256 == second.sha256
    read = registry.version(PROJECT, NAME, 1)
    assert read == first and read.made_by == manifest and read.run == "0123456789ab"
    assert registry.file(read).read_bytes() == adapter.read_bytes() and registry.verify(read) == ""
    registry.record_verdict(read, '{"promote":true}')
    assert registry.version(PROJECT, NAME, 1).verdict == '{"promote":true}'
    assert check(registry.database) == []


def test_each_name_of_each_project_counts_from_one(sqlite: ModelRegistry, adapter: Path) -> None:
    new = new_version()
    for project, name in (("a", "m/x"), ("a", "m/y"), ("b", "m/x"), ("a", "m/x")):
        sqlite.add_version(type(new)(**{**vars(new), "project": project, "name": name}), adapter)
    labels = [(each.project, each.label) for each in sqlite.versions()]
    assert labels == [("a", "m/x@1"), ("a", "m/x@2"), ("a", "m/y@1"), ("b", "m/x@1")]
    assert [each.label for each in sqlite.versions("b")] == ["m/x@1"]


def test_an_unknown_version_is_refused_with_the_nearest(sqlite: ModelRegistry, adapter: Path) -> None:
    add(sqlite, adapter, 2)
    with pytest.raises(ModelNotFound, match="no version of a model is called 'smollm2/opinion_off'") as caught:
        sqlite.version(PROJECT, "smollm2/opinion_off", 1)
    assert caught.value.hint == f"did you mean {NAME}?"
    with pytest.raises(ModelNotFound, match=f"there is no {NAME}@3") as caught:
        sqlite.version(PROJECT, NAME, 3)
    assert caught.value.hint == f"there are {NAME}@1, {NAME}@2"
    with pytest.raises(ModelNotFound, match="no version of a model"):
        sqlite.version("another-project", NAME, 1)


@pytest.mark.parametrize("text", ["m/x@3", "m", "m.gguf/x-1@12", "模型/意见@1"])
def test_names_are_parsed_and_written_again(text: str) -> None:
    assert str(parse_version_name(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a b",
        "../x@1",
        "/x",
        "x/",
        "a//b",
        "x@0",
        "x@-1",
        "x@",
        "x@1@2",
        "x@1e3",
        "a=b",
        "-x",
        "x\n",
        "x@٣",
        "a" * 201,
    ],
)
def test_names_with_other_characters_are_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_version_name(text)
    assert caught.value.hint


def test_a_name_with_other_characters_is_not_added(sqlite: ModelRegistry, adapter: Path) -> None:
    with pytest.raises(InputError, match='"a b" cannot be the name of a version'):
        sqlite.add_version(new_version("a b"), adapter)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (
            AdapterHeader("llama", 1, 2.0, "a" * 64, "opinion_of", FINGERPRINT),
            "an adapter of the file with the sha256 aaa",
        ),
        (AdapterHeader("llama", 1, 2.0, BASE_SHA256, "opinion_of", "e" * 12), "was trained for another form of a task"),
    ],
)
def test_an_adapter_of_another_base_or_form_is_not_added(
    sqlite: ModelRegistry, tmp_path: Path, header: AdapterHeader, reason: str
) -> None:
    file = write_small_adapter(tmp_path / "other.gguf", header=header)
    with pytest.raises(InputError, match=reason) as caught:
        sqlite.add_version(new_version(), file)
    assert caught.value.hint and sqlite.versions() == []


def test_what_is_no_adapter_is_not_added(sqlite: ModelRegistry, tmp_path: Path) -> None:
    for content in (b"", b"GGUF", b"\x80\x04pickle", b"GGUF\x03\0\0\0" + b"\xff" * 64):
        (tmp_path / "bad.gguf").write_bytes(content)
        with pytest.raises(CheckpointError):
            sqlite.add_version(new_version(), tmp_path / "bad.gguf")
    with pytest.raises(CheckpointError, match="cannot be read: No such file"):
        sqlite.add_version(new_version(), tmp_path / "none.gguf")
    assert sqlite.versions() == []


# ── aliases ──


def test_an_alias_has_weights_a_history_and_a_way_back(registry: ModelRegistry, adapter: Path) -> None:
    add(registry, adapter, 3)
    assert str(registry.alias(PROJECT, NAME)) == "base" and registry.alias(PROJECT, NAME).champion == BASE
    registry.set_alias(PROJECT, NAME, {1: 100}, reason="first", person="Ada")
    canary = registry.set_alias(PROJECT, NAME, {1: 90, 3: 10}, reason="canary")
    assert str(canary) == "1=90 3=10" and canary.champion == 1
    assert str(registry.rollback(PROJECT, NAME, person="Tom")) == "1"
    assert str(registry.rollback(PROJECT, NAME)) == "1=90 3=10", "a rollback is a change itself"
    history = registry.history(PROJECT, NAME)
    assert [(str(each.state), each.reason, each.person) for each in history] == [
        ("1=90 3=10", "rollback from 1", ""),
        ("1", "rollback from 1=90 3=10", "Tom"),
        ("1=90 3=10", "canary", ""),
        ("1", "first", "Ada"),
    ]
    assert [each.created_at for each in history] == sorted((each.created_at for each in history), reverse=True)


def test_before_the_first_change_the_base_answers_and_a_rollback_returns_to_it(
    sqlite: ModelRegistry, adapter: Path
) -> None:
    add(sqlite, adapter, 1)
    with pytest.raises(InputError, match="was never set, so there is nothing to roll back") as caught:
        sqlite.rollback(PROJECT, NAME)
    assert caught.value.hint == f"plait models alias {NAME} 1"
    sqlite.set_alias(PROJECT, NAME, {1: 100})
    assert str(sqlite.rollback(PROJECT, NAME)) == "base" and sqlite.resolve(PROJECT, NAME) is None


def test_the_base_itself_can_have_a_share(sqlite: ModelRegistry, adapter: Path) -> None:
    add(sqlite, adapter, 1)
    state = sqlite.set_alias(PROJECT, NAME, {BASE: 90, 1: 10})
    assert str(state) == "base=90 1=10" and state.champion == BASE and check(sqlite.database) == []


@pytest.mark.parametrize("weights", [{}, {1: 99}, {1: 60, 2: 60}, {1: 101}, {1: 0, 2: 100}, {1: -10, 2: 110}])
def test_weights_that_are_no_whole_are_refused(sqlite: ModelRegistry, adapter: Path, weights: dict[int, int]) -> None:
    add(sqlite, adapter, 2)
    with pytest.raises(InputError, match="which sum to") as caught:
        sqlite.set_alias(PROJECT, NAME, weights)
    assert "sum to 100: plait models alias" in caught.value.hint and sqlite.history(PROJECT, NAME) == []


def test_an_alias_of_an_unknown_or_removed_version_is_refused(sqlite: ModelRegistry, adapter: Path) -> None:
    add(sqlite, adapter, 2)
    with pytest.raises(ModelNotFound, match=f"there is no {NAME}@5"):
        sqlite.set_alias(PROJECT, NAME, {5: 100})
    sqlite.remove(PROJECT, NAME, 1)
    with pytest.raises(ModelNotFound, match=f"{NAME}@1 was removed on 20") as caught:
        sqlite.set_alias(PROJECT, NAME, {1: 50, 2: 50})
    assert caught.value.hint.startswith(f"plait models show {NAME} lists those that are left\n")
    with pytest.raises(ModelNotFound, match="no version of a model is called"):
        sqlite.set_alias(PROJECT, "m/none", {1: 100})


def test_each_form_of_a_task_has_an_alias_of_its_own(sqlite: ModelRegistry, tmp_path: Path) -> None:
    for fingerprint in ("1" * 12, "2" * 12):
        header = AdapterHeader("llama", 1, 2.0, BASE_SHA256, "opinion_of", fingerprint)
        file = write_small_adapter(tmp_path / "form.gguf", header=header)
        sqlite.add_version(new_version(fingerprint=fingerprint), file)
    sqlite.set_alias(PROJECT, NAME, {1: 100})
    sqlite.set_alias(PROJECT, NAME, {2: 100})
    forms = [sqlite.resolve(PROJECT, NAME, "Ada", fingerprint) for fingerprint in ("1" * 12, "2" * 12, "3" * 12)]
    assert [each.number if each else None for each in forms] == [1, 2, None]
    assert str(sqlite.alias(PROJECT, NAME, "1" * 12)) == "1" and str(sqlite.alias(PROJECT, NAME)) == "2"
    with pytest.raises(InputError, match="answer different forms of the task"):
        sqlite.set_alias(PROJECT, NAME, {1: 50, 2: 50})


def test_a_change_that_was_not_seen_is_not_overwritten(registry: ModelRegistry, adapter: Path) -> None:
    add(registry, adapter, 3)
    seen = registry.set_alias(PROJECT, NAME, {1: 100})
    registry.set_alias(PROJECT, NAME, {2: 100}, seen=seen)
    refused = pytest.raises(SettingsError, match="was changed in the meantime, to 2, and is left as it is")
    with refused:
        registry.rollback(PROJECT, NAME, seen=seen)
    with refused:
        registry.set_alias(PROJECT, NAME, {3: 100}, seen=seen)
    assert str(registry.alias(PROJECT, NAME)) == "2"


# ── which version answers ──


def test_a_person_stays_with_a_version_and_weights_are_kept(sqlite: ModelRegistry, adapter: Path) -> None:
    add(sqlite, adapter, 2)
    persons = [f"person {number}" for number in range(1_000)]

    def candidates() -> set[str]:
        chosen = {person: sqlite.resolve(PROJECT, NAME, person) for person in persons}
        return {person for person, version in chosen.items() if version and version.number == 2}

    sqlite.set_alias(PROJECT, NAME, {1: 90, 2: 10})
    few = candidates()
    assert 60 < len(few) < 140 and candidates() == few
    sqlite.set_alias(PROJECT, NAME, {1: 50, 2: 50})
    half = candidates()
    assert 430 < len(half) < 570 and few < half, "who had the candidate keeps it when it gets more weight"
    sqlite.set_alias(PROJECT, NAME, {2: 100})
    assert candidates() == set(persons)


def test_without_a_person_each_call_is_a_draw_of_its_own(sqlite: ModelRegistry, adapter: Path) -> None:
    add(sqlite, adapter, 2)
    sqlite.set_alias(PROJECT, NAME, {1: 50, 2: 50})
    drawn = [sqlite.resolve(PROJECT, NAME) for _ in range(200)]
    assert 50 < sum(each is not None and each.number == 2 for each in drawn) < 150


def test_a_change_by_another_process_is_seen_at_the_next_call(registry: ModelRegistry, adapter: Path) -> None:
    add(registry, adapter, 2)
    registry.set_alias(PROJECT, NAME, {1: 100})
    other = ModelRegistry(type(registry.database)(registry.database.url, registry.database.data))
    assert (version := registry.resolve(PROJECT, NAME)) and version.number == 1
    other.set_alias(PROJECT, NAME, {2: 100})
    assert (version := registry.resolve(PROJECT, NAME)) and version.number == 2
    other.database.close()


def test_a_version_that_is_out_of_use_is_not_chosen(
    sqlite: ModelRegistry, adapter: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add(sqlite, adapter, 1)
    sqlite.set_alias(PROJECT, NAME, {1: 100})
    sqlite.file(sqlite.version(PROJECT, NAME, 1)).unlink()
    check(sqlite.database, repair=True)
    assert sqlite.resolve(PROJECT, NAME) is None and "its base answers instead" in caplog.text
    with pytest.raises(ModelNotFound, match="is out of use: the file") as caught:
        sqlite.version(PROJECT, NAME, 1)
    assert "plait restore FILE" in caught.value.hint


# ── removal ──


def test_a_version_is_removed_only_when_nothing_leads_to_it(registry: ModelRegistry, adapter: Path) -> None:
    add(registry, adapter, 2)
    registry.set_alias(PROJECT, NAME, {1: 100})
    with pytest.raises(InputError, match=f"{NAME}@1 is in use: the alias {NAME} gives it 100 %") as caught:
        registry.remove(PROJECT, NAME, 1)
    assert caught.value.hint.startswith(f"plait models alias {NAME} base\nplait models alias {NAME} base ")
    registry.set_alias(PROJECT, NAME, {2: 100})
    with pytest.raises(InputError, match=f"a rollback of the alias {NAME} would return to it") as caught:
        registry.remove(PROJECT, NAME, 1)
    assert caught.value.hint.startswith(f"plait models alias {NAME} 2 ")
    registry.set_alias(PROJECT, NAME, {2: 100})
    registry.remove(PROJECT, NAME, 1)
    with pytest.raises(ModelNotFound, match="was removed on"):
        registry.version(PROJECT, NAME, 1)
    assert [each.number for each in registry.versions(PROJECT, NAME)] == [1, 2]
    registry.add_version(new_version(), adapter)
    assert numbers(registry) == [1, 2, 3] and check(registry.database) == []


# ── faults of files ──


def test_verify_names_the_fault_of_a_file(sqlite: ModelRegistry, adapter: Path) -> None:
    add(sqlite, adapter, 1)
    version = sqlite.version(PROJECT, NAME, 1)
    sqlite.file(version).write_bytes(bytes(version.size))
    assert sqlite.verify(version) == "has other bytes than when it was added"
    sqlite.file(version).unlink()
    assert sqlite.verify(version) == "is missing"


# ── several processes ──


def in_processes(work: Callable[[int], None], count: int) -> None:
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=work, args=(number,)) for number in range(count)]
    for each in processes:
        each.start()
    for each in processes:
        each.join(60)
        assert each.exitcode == 0


def own_registry(registry: ModelRegistry) -> ModelRegistry:
    """The registry of the same database, in a process that was forked."""
    database = registry.database
    address = "" if database.is_sqlite else database.url.set(drivername="postgresql").render_as_string(False)
    update_schema.cache_clear()
    return ModelRegistry(database_at(address, database.data))


def test_versions_of_many_processes_and_threads_have_no_gaps_and_no_duplicates(
    registry: ModelRegistry, adapter: Path
) -> None:
    def add_some(_: int) -> None:
        own = own_registry(registry)
        threads = [Thread(target=add, args=(own, adapter, 4)) for _ in range(2)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()

    in_processes(add_some, 3)
    assert numbers(registry) == list(range(1, 25))


def test_no_change_of_many_processes_is_lost(registry: ModelRegistry, adapter: Path) -> None:
    add(registry, adapter, 3)

    def change(process: int) -> None:
        own = own_registry(registry)
        for turn in range(6):
            own.set_alias(
                PROJECT, NAME, {1: 100 - turn - 1, process + 1 if process else 3: turn + 1}, reason=f"{process}"
            )

    in_processes(change, 2)
    history = registry.history(PROJECT, NAME)
    assert sorted(each.reason for each in history) == ["0"] * 6 + ["1"] * 6
    assert registry.alias(PROJECT, NAME) == history[0].state and check(registry.database) == []


def test_increments_by_processes_that_compare_what_they_saw_are_all_there(
    registry: ModelRegistry, adapter: Path
) -> None:
    add(registry, adapter, 2)
    registry.set_alias(PROJECT, NAME, {1: 99, 2: 1})

    def increment(_: int) -> None:
        own, done = own_registry(registry), 0
        while done < 5:
            seen = own.alias(PROJECT, NAME)
            share = dict(seen.weights)[2] + 1
            try:
                own.set_alias(PROJECT, NAME, {1: 100 - share, 2: share}, seen=seen)
                done += 1
            except SettingsError:
                continue

    in_processes(increment, 2)
    assert str(registry.alias(PROJECT, NAME)) == "1=89 2=11"


def test_increments_without_a_comparison_are_seen_to_be_lost(sqlite: ModelRegistry, adapter: Path) -> None:
    """Negative control: both read, then both write."""
    add(sqlite, adapter, 2)
    sqlite.set_alias(PROJECT, NAME, {1: 99, 2: 1})
    both: list[AliasState] = [sqlite.alias(PROJECT, NAME), sqlite.alias(PROJECT, NAME)]
    for seen in both:
        share = dict(seen.weights)[2] + 1
        sqlite.set_alias(PROJECT, NAME, {1: 100 - share, 2: share})
    assert str(sqlite.alias(PROJECT, NAME)) == "1=98 2=2"


def test_the_name_of_a_version_is_a_value() -> None:
    some: Any = {VersionName("m/x", 1): 1}
    assert some[parse_version_name("m/x@1")] == 1
