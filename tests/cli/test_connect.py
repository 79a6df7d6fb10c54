"""`plait connect`: finds servers of this machine, shows the change, and writes plait.toml after a yes."""

import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from plait.core.config import settings
from plait.service.catalog import Catalog
from plait.service.engines.openai.config import Config
from plait.service.models import local_servers
from plait.service.models.local_servers import LocalServer, new_models
from tests.support.openai_peer import Peer, peer, reply_text
from tests.support.running_server import Shell, free_port, serve_catalog


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.fixture
def server() -> Iterator[Peer]:
    with peer(reply_text("Hello"), models=("qwen3:8b", "llama3.2:latest", "nomic-embed-text")) as running:
        yield running


def test_the_models_of_a_server_are_written_after_a_yes(server: Peer, shell: Shell, folder: Path) -> None:
    (folder / "plait.toml").write_text("shots = 2 # few\n")
    looked = shell("connect", "--port", str(server.port))
    assert looked.code == 0 and "+[models.qwen3-8b]\n" in looked.out and "--yes writes it" in looked.err
    assert (folder / "plait.toml").read_text() == "shots = 2 # few\n"

    written = shell("connect", "--port", str(server.port), "--yes")
    assert written.code == 0 and "the old file is plait.toml.bak" in written.err
    assert (folder / "plait.toml.bak").read_text() == "shots = 2 # few\n"
    assert (folder / "plait.toml").read_text().startswith("shots = 2 # few\n")
    assert settings().models == {
        "qwen3-8b": Config(url=server.url, name="qwen3:8b"),
        "llama3-2": Config(url=server.url, name="llama3.2:latest"),
    }
    assert "qwen3-8b now answers" in written.out

    again = shell("connect", "--port", str(server.port), "--yes")
    assert again.code == 0 and "has all of these models already" in again.out


def test_named_models_alone_are_written(server: Peer, shell: Shell, folder: Path) -> None:
    port = str(server.port)
    assert shell("connect", "nomic-embed-text", "--port", port, "--yes").code == 0
    assert list(tomllib.loads((folder / "plait.toml").read_text())["models"]) == ["nomic-embed-text"]
    unknown = shell("connect", "qwen3:7b", "--port", port, "--yes")
    assert unknown.code == 2 and "did you mean qwen3:8b?" in unknown.err


def test_silent_ports_other_programs_and_plait_itself_are_no_servers(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_servers, "SERVER_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent, serve_catalog(Catalog(())) as plait:
        ports = (silent.getsockname()[1], plait.port, free_port())
        result = shell("connect", *(f"--port={port}" for port in ports))
    assert result.code == 1 and "no model server answers on this machine" in result.err
    assert "plait connect --port 9000" in result.err


def test_a_broken_plait_toml_is_not_touched(server: Peer, shell: Shell, folder: Path) -> None:
    (folder / "plait.toml").write_text("shots = \n")
    result = shell("connect", "--port", str(server.port), "--yes")
    assert result.code == 2 and "is not TOML" in result.err and (folder / "plait.toml").read_text() == "shots = \n"


def test_names_are_bare_keys_and_never_taken() -> None:
    names = ("unsloth/Qwen3-8B.gguf", "/models/qwen3-8b.gguf", "模型", "plait-nano", "C:\\m\\a b.gguf", "qwen3-8b")
    models = new_models([LocalServer(1234, names)], [], ["plait-nano"])
    assert [each.name for each in models] == [
        "qwen3-8b",
        "qwen3-8b-lm-studio",
        "model",
        "plait-nano-lm-studio",
        "a-b",
        "qwen3-8b-lm-studio-2",
    ]


@pytest.mark.parametrize("url", ["http://localhost:1234/v1", "http://127.0.0.1:1234"])
def test_a_connected_model_is_recognised_however_its_address_is_written(url: str) -> None:
    server = LocalServer(1234, ("one", "two"))
    assert [each.model for each in new_models([server], [Config(url=url, name="one")], [])] == ["two"]
    assert not new_models([server], [Config(url=url)], [])
