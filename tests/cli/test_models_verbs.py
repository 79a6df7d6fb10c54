"""`plait models`: versions are listed, shown, named by aliases, verified, removed, exported and added elsewhere."""

import hashlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from plait.core.prompting.project import project_folder, project_key
from plait.foundation.cards.adapter import AdapterHeader
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.cards.gguf.values import GgufValue
from plait.service.models.model_version import NewVersion
from plait.service.models.registry import ModelRegistry, current_registry
from plait.storage.database import current_database
from tests.support.lora_adapters import write_adapter
from tests.support.running_server import Shell, needs_model
from tests.support.stored_versions import write_small_adapter
from tests.support.tiny_llama import TinyLlama

NAME = "tiny/shout"
BASE_SHA256 = "b" * 64


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], shout: Any) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.fixture
def registry(shout: Any, tmp_path: Path) -> ModelRegistry:
    """Three versions of an adapter for `shout`."""
    registry = current_registry()
    for seed in (1, 2, 3):
        add_version(registry, shout, tmp_path, seed)
    return registry


def add_version(registry: ModelRegistry, shout: Any, folder: Path, seed: int, project: str | None = None) -> None:
    declaration = shout.declaration
    header = AdapterHeader("llama", 1, 2.0, BASE_SHA256, "shout", declaration.fingerprint)
    file = write_small_adapter(folder / "small.gguf", seed, header)
    where = project or project_key(project_folder(declaration))
    registry.add_version(NewVersion(where, NAME, "tiny", BASE_SHA256, "shout", declaration.fingerprint), file)


@pytest.mark.usefixtures("registry")
def test_versions_are_listed_below_the_models(shell: Shell) -> None:
    shell("models", "alias", NAME, "1=90", "3=10")
    for verb in ((), ("list",)):
        lines = shell("models", *verb).out.splitlines()
        start = lines.index("") + 1
        assert lines[0].split() == ["name", "size", "context", "where"]
        assert lines[start].split() == ["version", "answers", "size", "made", "base"]
        cells = [line.split() for line in lines[start + 1 :]]
        assert [each[0] for each in cells] == [f"{NAME}@{number}" for number in (1, 2, 3)]
        assert [each[1:3] for each in cells] == [["90", "%"], ["0.0", "MB"], ["10", "%"]]


def test_without_a_database_the_list_is_as_before_and_loads_none(shell: Shell, tmp_path: Path) -> None:
    result = shell("models")
    assert result.code == 0 and "version" not in result.out and not (tmp_path / "data").exists()
    code = (
        "import sys; from plait.cli.models import models; models((), standalone_mode=False); "
        "print('sqlalchemy' in sys.modules)"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert process.stdout == result.out + "False\n"


@needs_model
@pytest.mark.model
def test_an_adapter_that_comes_with_a_task_is_listed_and_shown(shell: Shell) -> None:
    listed = [line for line in shell("models").out.splitlines() if line.startswith("smollm2/home_command ")]
    assert len(listed) == 1 and "home_command.smollm2.gguf" in listed[0]
    shown = shell("models", "show", "smollm2/home_command")
    assert shown.code == 0 and shown.out.splitlines()[1].split()[0] == "smollm2/home_command"
    unknown = shell("models", "show", "smollm2/sort_messages")
    assert unknown.code == 2 and "smollm2/sort_messages" in unknown.err


@pytest.mark.usefixtures("registry")
def test_an_alias_is_set_shown_and_taken_back(shell: Shell) -> None:
    assert shell("models", "alias", NAME, "1", "--reason", "the first").out == f"{NAME} → {NAME}@1\n"
    result = shell("models", "alias", NAME, "1=90", f"{NAME}@3=10")
    assert result.out == f"{NAME} → 90 % {NAME}@1, 10 % {NAME}@3\n"
    assert result.err == f"plait models rollback {NAME} returns to {NAME}@1\n"
    assert shell("models", "rollback", NAME).out == f"{NAME} → {NAME}@1\n"
    shown = shell("models", "alias", NAME).out.splitlines()
    assert shown[0] == f"{NAME} → {NAME}@1" and [line.split()[1] for line in shown[1:]] == ["1", "1=90", "1"]
    assert shown[-1].endswith("the first") and shown == shell("models", "show", NAME).out.splitlines()[:4]
    assert shell("models", "alias", NAME, "base=50", "2=50").out == f"{NAME} → 50 % base, 50 % {NAME}@2\n"


WRONG: dict[tuple[str, ...], str] = {
    ("alias", NAME, "1=60", "2=60"): f"the weights of {NAME} are 1=60 2=60, which sum to 120",
    ("alias", NAME, "1", "2"): f"the weights of {NAME} are 1=100 2=100, which sum to 200",
    ("alias", NAME, "1=x"): '"1=x" does not end with a percent',
    ("alias", NAME, "1=50", "1=50"): "version 1 is named twice",
    ("alias", NAME, "first"): f'"first" is no version of {NAME}',
    ("alias", NAME, "7"): f"there is no {NAME}@7",
    ("alias", f"{NAME}@1", "1"): f'"{NAME}@1" is a version, and an alias has no number',
    ("alias", "tiny/shoot", "1"): "no version of a model is called 'tiny/shoot'",
    ("alias", "a b", "1"): '"a b" cannot be the name of a version',
    ("rollback", NAME): f"the alias {NAME} was never set, so there is nothing to roll back",
    ("remove", NAME): f'"{NAME}" is an alias, and a version has a number',
    ("remove", f"{NAME}@9"): f"there is no {NAME}@9",
    ("show", f"{NAME}@9"): f"there is no {NAME}@9",
    ("show", "nobody"): "no version of a model is called 'nobody'",
    ("export", f"{NAME}@9", "x.tar"): f"there is no {NAME}@9",
    ("show", NAME, "--project", "elsewhere"): f"no version of a model is called {NAME!r}",
    ("add", "none.tar"): "none.tar is not a file",
}


@pytest.mark.usefixtures("registry")
@pytest.mark.parametrize("arguments", WRONG, ids=" ".join)
def test_a_mistake_has_a_hint_and_changes_nothing(arguments: tuple[str, ...], shell: Shell) -> None:
    before = shell("models", "show", NAME).out
    result = shell("models", *arguments)
    assert result.code == 2 and WRONG[arguments] in result.err and "  → " in result.err, result.err
    assert shell("models", "show", NAME).out == before


def test_a_version_shows_its_lineage(shell: Shell, registry: ModelRegistry, shout: Any) -> None:
    shell("models", "alias", NAME, "2", "--reason", "better")
    lines = shell("models", "show", f"{NAME}@2").out.splitlines()
    facts = {line.split()[0]: line for line in lines[1:]}
    assert lines[0] == f"{NAME}@2" and f"tiny, sha256 {BASE_SHA256}" in facts["base"]
    assert shout.declaration.fingerprint in facts["task"] and facts["verdict"].endswith(
        "compared with the version before"
    )
    assert lines[-2] == f"{NAME} → {NAME}@2" and lines[-1].endswith("better")


def test_a_removed_version_is_still_shown_and_saved(shell: Shell, registry: ModelRegistry) -> None:
    result = shell("models", "remove", f"{NAME}@2")
    assert result.out.startswith(f"removed {NAME}@2; its file stays until 20")
    assert f"{NAME}@2" not in shell("models").out
    assert "was removed on" in shell("models", "show", f"{NAME}@2").out
    assert shell("models", "export", f"{NAME}@2", "two.tar").code == 0
    refused = shell("models", "alias", NAME, "2")
    assert refused.code == 2 and f"{NAME}@2 was removed on" in refused.err and f"export {NAME}@2" in refused.err


def test_a_version_in_use_is_not_removed(shell: Shell, registry: ModelRegistry) -> None:
    shell("models", "alias", NAME, "2")
    refused = shell("models", "remove", f"{NAME}@2")
    assert refused.code == 2 and f"the alias {NAME} gives it 100 %" in refused.err
    assert refused.err.count(f"  → plait models alias {NAME} base") == 2
    for _ in range(2):
        shell("models", "alias", NAME, "base")
    assert shell("models", "remove", f"{NAME}@2").code == 0, "the printed commands free it"


def test_verify_reads_every_file(shell: Shell, registry: ModelRegistry) -> None:
    assert shell("models", "verify").out == "".join(f"{NAME}@{number}  is right\n" for number in (1, 2, 3))
    version = registry.versions()[1]
    registry.file(version).write_bytes(b"x" * version.size)
    result = shell("models", "verify", NAME)
    assert result.code == 1 and f"{NAME}@2  has other bytes than when it was added\n" in result.out
    assert shell("models", "verify", f"{NAME}@1").code == 0
    assert shell("models", "verify", "none").err == "there are no versions of none\n"
    damaged = shell("models", "export", f"{NAME}@2", "x.tar")
    assert damaged.code == 2 and f"the file of {NAME}@2 has other bytes" in damaged.err


def test_several_projects_are_told_apart(
    shell: Shell, registry: ModelRegistry, shout: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_version(registry, shout, tmp_path, 4, project="another-0123")
    here = project_key(project_folder(shout.declaration))
    assert shell("models").out.splitlines()[-1].endswith(here)
    shell("models", "alias", NAME, "1")
    assert str(registry.alias(here, NAME)) == "1" and str(registry.alias("another-0123", NAME)) == "base"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    refused = shell("models", "alias", NAME, "1")
    assert (
        refused.code == 2 and "2 projects have versions of" in refused.err and "--project another-0123" in refused.err
    )
    assert shell("models", "alias", NAME, "1", "--project", "another-0123").code == 0
    assert str(registry.alias("another-0123", NAME)) == "1"


def test_a_version_is_exported_and_added_elsewhere(
    shell: Shell, registry: ModelRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = shell("models", "export", f"{NAME}@2", "two.tar")
    assert result.code == 0 and "plait models add two.tar" in result.err
    original = registry.versions()[1]
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "other"))
    unknown = shell("models", "add", "two.tar")
    assert unknown.code == 2 and "no task is called 'shout'" in unknown.err
    added = shell("models", "add", "two.tar", "--task", "my_tasks.py:shout")
    assert added.code == 0 and added.out == f"added {NAME}@1\n", added.err
    (copy,) = current_registry().versions()
    assert copy.sha256 == original.sha256 and copy.manifest == original.manifest and copy.number == 1
    assert current_database().files.read(copy.sha256) == registry.file(original).read_bytes()


def test_a_version_of_another_form_of_the_task_is_refused(
    shell: Shell, registry: ModelRegistry, load_source: Callable[..., Any]
) -> None:
    shell("models", "export", f"{NAME}@1", "one.tar")
    source = 'from plait import task\n\n@task\ndef shout(text: str) -> str:\n    """Whisper {text}."""\n    ...\n'
    load_source(source, "shout", "other.py")
    refused = shell("models", "add", "one.tar", "--task", "other.py:shout")
    assert refused.code == 2 and "one.tar answers another form of shout" in refused.err and "plait adapt" in refused.err


@needs_model
def test_the_adapter_of_a_trainer_is_added_to_its_model(shell: Shell, shout: Any, tmp_path: Path) -> None:
    base = TinyLlama().write(tmp_path / "tiny.gguf")
    (tmp_path / "plait.toml").write_text(f'[models.tiny]\npath = "{base}"\n')
    sha256 = GgufValue.text(hashlib.sha256(base.read_bytes()).hexdigest())
    write_adapter(tmp_path / "own.gguf", read_gguf_header(base), 1, plait__base__sha256=sha256)
    refused = shell("models", "add", "own.gguf")
    assert refused.code == 2 and "does not say which task it was trained for" in refused.err
    assert shell("models", "add", "own.gguf", "--task", "my_tasks.py").out == f"added {NAME}@1\n"
    write_adapter(tmp_path / "plain.gguf", read_gguf_header(base), 2)
    misfit = shell("models", "add", "plain.gguf", "--task", "my_tasks.py")
    assert misfit.code != 0 and "cannot be served" in misfit.err, "without a digest it is compared with smollm2"
    added = shell("models", "add", "plain.gguf", "--task", "my_tasks.py", "--base", "tiny")
    assert added.out == f"added {NAME}@2\n", added.err
    write_adapter(tmp_path / "far.gguf", read_gguf_header(base), 3, plait__base__sha256=GgufValue.text("a" * 64))
    far = shell("models", "add", "far.gguf", "--task", "my_tasks.py")
    assert far.code == 2 and "no model here is that file" in far.err
    named = shell("models", "add", "own.gguf", "--name", "mine")
    assert named.code == 2 and "leave --name out" in named.err
