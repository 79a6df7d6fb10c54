"""Which models there are: files and servers of plait.toml in its order, then the embedded one."""

from pathlib import Path

import pytest

from plait.core.errors import ModelNotFound
from plait.foundation.cards.shipped import shipped_weights_files
from plait.service.engines.llamacpp.engine import LlamaCpp
from plait.service.engines.openai.engine import OpenAI
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import find_model, known_models
from plait.testing.engines import greet
from tests.support.openai_peer import peer, reply_text
from tests.support.running_server import HAS_MODEL, Shell, error_of

TOML = """
[models.mine]
path = "mine.gguf"
[models.gpu-box]
url = "http://gpu-box:8000/v1"
name = "qwen3-vl"
key = "sk-secret"
context = 32768
[models.near]
url = "http://127.0.0.1:11434/v1"
"""

SAY = """
from plait import task

@task
def say(x: str) -> str:
    '''Say {x}.'''
    ...
"""


@pytest.fixture
def toml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "plait.toml"
    file.write_text(TOML)
    return file


def test_files_and_servers_are_one_list_in_the_order_of_plait_toml(toml: Path) -> None:
    names = [
        "mine",
        "gpu-box",
        "near",
        *(file.stem for file in shipped_weights_files()),
        *(["smollm2"] if HAS_MODEL else []),
    ]
    assert [model.name for model in known_models()] == names
    error = error_of(lambda: find_model("gpubox"))
    assert isinstance(error, ModelNotFound) and error.hint == "did you mean gpu-box?"


def test_each_model_has_its_own_engine_started_once(toml: Path) -> None:
    transport = LocalTransport()
    engines = {name: transport.engine(find_model(name)) for name in ("mine", "gpu-box", "near")}
    assert [type(each.model) for each in engines.values()] == [LlamaCpp, OpenAI, OpenAI]
    assert transport.engine(find_model("near")) is engines["near"] is not engines["gpu-box"]


def test_plait_models_shows_servers_and_never_a_key(
    toml: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = Shell(monkeypatch, capsys)("models")
    lines = [line.split() for line in result.out.splitlines()]
    assert lines[0] == ["name", "size", "context", "where"]
    assert lines[2] == ["gpu-box", "server", "32,768", "qwen3-vl", "on", "http://gpu-box:8000/v1"]
    assert lines[3] == ["near", "server", "its", "own", "http://127.0.0.1:11434/v1"]
    assert lines[1][:3] == ["mine", "missing", "8,192"] and "sk-secret" not in result.out


def test_a_call_goes_to_the_first_server_of_plait_toml(toml: Path) -> None:
    with peer(reply_text("Hello, Ada!")) as server:
        toml.write_text(f'[models.first]\nurl = "{server.url}"\n[models.second]\nurl = "http://127.0.0.1:1/v1"\n')
        assert greet("Ada") == "Hello, Ada!" == greet.using("first")("Ada")
        assert len(server.calls) == 2


def test_an_unreachable_server_is_reported_by_the_command_line(
    toml: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    toml.write_text('[models.gone]\nurl = "http://127.0.0.1:1/v1"\nname = "m"\n')
    (toml.parent / "mine.py").write_text(
        "from plait import task\n\n@task\ndef say(x: str) -> str:\n    '''Say {x}.'''\n    ...\n"
    )
    result = Shell(monkeypatch, capsys)("run", "mine.py:say", "--x", "hi")
    assert result.code == 1 and result.err.startswith("EngineError: http://127.0.0.1:1/v1 does not answer: ")
    assert "  → start that server, or correct url under [models.gone] in plait.toml" in result.err
