"""`plait train` finds what trains by its entry point, and says what is missing."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from plait.cli.train import train
from plait.core.errors import MissingDependency, SettingsError, error_text


@pytest.fixture
def trainer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`trainer(source)` installs a package whose module is found as the trainer, before any other."""

    def install(source: str) -> None:
        (tmp_path / "my_trainer.py").write_text(source)
        metadata = tmp_path / "my_trainer-0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-trainer\nVersion: 0\n")
        (metadata / "entry_points.txt").write_text("[plait.trainers]\nunified = my_trainer:train\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(sys.modules, "my_trainer", raising=False)

    return install


def test_the_trainer_receives_the_options_of_the_command(trainer: Callable[[str], None]) -> None:
    trainer("def train(*given, **named):\n    print(given, named)\n    return 7\n")
    result = CliRunner().invoke(
        train,
        ["nano.toml", "--out", "there", "--fresh", "--steps", "9", "--from", "mine", "--data", "a", "--data", "b"],
    )
    assert result.exit_code == 7
    assert "PosixPath('nano.toml'), PosixPath('there')" in result.output
    assert "'fresh': True, 'until': 9, 'weights': 'mine', 'data': (PosixPath('a'), PosixPath('b'))" in result.output


def test_a_run_resumes_unless_fresh_is_given(trainer: Callable[[str], None]) -> None:
    trainer("def train(*given, **named):\n    print(named)\n    return 0\n")
    printed = CliRunner().invoke(train, ["nano.toml"]).output
    assert "{'fresh': False, 'until': None, 'weights': '', 'data': (), 'seconds': None, " in printed
    assert "'images': None, 'check': False, 'strict': False}" in printed


def test_a_missing_package_is_named_with_the_command_that_installs_it(trainer: Callable[[str], None]) -> None:
    trainer("import torch_that_is_not_here.nn\n")
    result = CliRunner().invoke(train, ["nano.toml"])
    assert isinstance(result.exception, MissingDependency)
    assert error_text(result.exception) == (
        "MissingDependency: the trainer unified needs the package torch_that_is_not_here\n  → pip install my-trainer"
    )


def test_a_missing_module_of_plait_is_not_reported_as_a_missing_extra(trainer: Callable[[str], None]) -> None:
    trainer("import plait.foundation.nowhere\n")
    error = CliRunner().invoke(train, ["nano.toml"]).exception
    assert isinstance(error, SettingsError) and isinstance(error.__cause__, ModuleNotFoundError)
    assert "the trainer unified of my-trainer (my_trainer): ModuleNotFoundError: No module named" in error.message


def test_a_missing_trainer_is_reported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    result = CliRunner().invoke(train, ["nano.toml"])
    assert isinstance(result.exception, SettingsError) and "no trainer is installed" in str(result.exception)
