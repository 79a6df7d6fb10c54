"""The unified model among others: which model answers, how it is listed, and its tasks over HTTP, page and CLI."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from plait import Box, Image
from plait.core.calls import event_loop
from plait.core.calls.transport import local_transport
from plait.core.config import settings
from plait.core.errors import NoCapableModel, SettingsError
from plait.service.catalog import Catalog
from plait.service.engines.unified import config as unified_config
from plait.service.engines.unified import engine
from plait.service.engines.unified.config import Config
from plait.service.engines.unified.engine import UnifiedEngine
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import Model, known_models
from plait.tasks.ask import ask
from plait.tasks.describe import describe
from plait.tasks.describe_region import describe_region
from plait.tasks.detect import detect
from plait.tasks.locate import locate
from plait.tasks.matches import matches
from plait.tasks.restore_text import restore_text
from plait.testing.engines import greet
from tests.support.openai_peer import peer, reply_text
from tests.support.running_server import HAS_MODEL, RunningServer, Shell, error_of, serve_catalog
from tests.support.shelf import PNG, SIZE
from tests.support.tiny_weights import save_tiny_weights

TASKS = (locate, describe_region, matches, describe, ask, detect, restore_text)
NAMES = [each.declaration.name for each in TASKS]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("models") / "plait-nano.safetensors"
    save_tiny_weights(file, {each.declaration.name: each.declaration.fingerprint for each in TASKS})
    return file


@pytest.fixture
def ship_weights(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """As if it had come with Plait."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(unified_config, "shipped_weights_files", lambda: (weights,))
    yield weights
    event_loop.run(local_transport().aclose())  # type: ignore[attr-defined]


def models_by_task(transport: LocalTransport, *, model: str | None = None) -> dict[str, str]:
    return {name: transport.engine_for(each.declaration, model).name for name, each in zip(NAMES, TASKS, strict=True)}


# ── who answers ──


def test_the_shipped_model_answers_only_its_trained_tasks(ship_weights: Path) -> None:
    transport = LocalTransport()
    assert models_by_task(transport) == dict.fromkeys(NAMES, "plait-nano")
    if HAS_MODEL:
        assert transport.engine_for(greet.declaration, None).name == "smollm2" == transport.chat_engine(None).name
    error = error_of(lambda: transport.engine_for(greet.declaration, "plait-nano"))
    assert isinstance(error, NoCapableModel)
    assert error.message.endswith(f"plait-nano was not trained on 'greet'; its tasks are {', '.join(NAMES)}")


def test_a_model_of_plait_toml_takes_precedence_if_it_can_answer(ship_weights: Path, tmp_path: Path) -> None:
    with peer(reply_text("whole")) as server:
        (tmp_path / "plait.toml").write_text(f'[models.gpu-box]\nurl = "{server.url}"\nname = "m"\npictures = false\n')
        transport = LocalTransport()
        engines = models_by_task(transport)
    assert engines["restore_text"] == "gpu-box"
    assert {engines[name] for name in NAMES if name != "restore_text"} == {"plait-nano"}


def test_chatting_with_a_unified_model_is_refused(ship_weights: Path) -> None:
    transport = LocalTransport()
    assert "plait-nano" not in transport.chat_model_names()
    error = error_of(lambda: transport.chat_engine("plait-nano"))
    assert isinstance(error, NoCapableModel)
    assert error.message == "plait-nano cannot chat: it answers only the tasks that it was trained on"


def test_without_torch_the_error_names_the_command_that_installs_it(
    ship_weights: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(engine, "find_missing_packages", lambda: ("torch", "tokenizers"))
    error = error_of(lambda: LocalTransport().engine_for(locate.declaration, None))
    assert isinstance(error, NoCapableModel) and error.hint == "pip install -e '.[unified]'"
    assert "plait-nano needs the package torch, tokenizers" in error.message
    output = Shell(monkeypatch, capsys)("models").out
    assert "needs torch, tokenizers: pip install -e '.[unified]'" in output


# ── listed ──


def test_plait_models_lists_its_size_parameters_and_tasks(
    ship_weights: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    line = next(each for each in Shell(monkeypatch, capsys)("models").out.splitlines() if each.startswith("plait-nano"))
    assert line.split()[1:4] == ["1", "MB", "512"]
    assert line.endswith("0.5 million parameters (Apache-2.0), for " + ", ".join(NAMES))


def test_a_safetensors_file_of_plait_toml_is_a_unified_model(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plait.toml").write_text('[models.mine]\npath = "mine.safetensors"\nthreads = 1\n')
    assert settings().models["mine"] == Config(path=tmp_path / "mine.safetensors", threads=1)
    assert known_models()[0] == Model("mine", Config(path=tmp_path / "mine.safetensors", threads=1))
    shell = Shell(monkeypatch, capsys)
    assert shell("models").out.splitlines()[1].split()[:2] == ["mine", "missing"]
    assert f"mine: {tmp_path / 'mine.safetensors'} cannot be read" in shell("doctor", "--quick").out
    (tmp_path / "mine.safetensors").write_bytes(weights.read_bytes())
    assert "mine answers locate, describe_region" in shell("doctor", "--quick").out


def test_settings_for_gguf_files_are_refused_for_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plait.toml").write_text('[models.mine]\npath = "mine.safetensors"\ncontext = 4096\n')
    with pytest.raises(SettingsError, match=r"models\.mine\.context is an unknown key"):
        settings()


def test_a_model_of_plait_toml_replaces_the_shipped_one_of_its_name(ship_weights: Path, tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text('[models.plait-nano]\npath = "own.safetensors"\n')
    assert [model.name for model in known_models()].count("plait-nano") == 1
    assert known_models()[0] == Model("plait-nano", Config(path=tmp_path / "own.safetensors"))


# ── over HTTP, page and command line ──


@pytest.fixture(scope="module")
def server(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One process for all doors."""
    catalog = Catalog.from_tasks(TASKS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("served"))
        patch.setattr(unified_config, "shipped_weights_files", lambda: (weights,))
        with serve_catalog(catalog, LocalTransport(catalog=catalog)) as running:
            yield running


def test_boxes_texts_and_booleans_are_returned_over_http(server: RunningServer) -> None:
    def post(name: str, **fields: str) -> httpx.Response:
        url, files = f"{server.url}/v1/tasks/{name}", {"picture": ("shelf.png", PNG, "image/png")}
        return httpx.post(url, data=fields, files=files, trust_env=False, timeout=110)

    box = post("locate", phrase="the red mug").json()
    assert box["model"].startswith("plait-nano@") and set(box["answer"]) == {"x0", "y0", "x1", "y1"}
    assert 0 <= box["answer"]["x0"] < box["answer"]["x1"] <= SIZE[0]
    assert isinstance(post("matches", text="a red mug").json()["answer"], bool)
    chinese = httpx.post(
        f"{server.url}/v1/tasks/matches",
        json={"picture": Image(PNG).data_url, "text": "红色的杯子"},
        trust_env=False,
        timeout=240,
    )
    assert isinstance(chinese.json()["answer"], bool)
    response = post("describe_region", region="0, 0, 900, 10")
    assert response.status_code == 422 and "lies outside of its picture" in response.text


def test_the_page_draws_the_box_on_the_picture(server: RunningServer) -> None:
    files = {"picture": ("shelf.png", PNG, "image/png")}
    page = httpx.post(
        f"{server.url}/tasks/locate", data={"phrase": "the red mug"}, files=files, trust_env=False, timeout=240
    )
    assert page.status_code == 200 and "<rect" in page.text and "data-box=" in page.text


def test_command_line_and_batch_answer_like_http(
    server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLAIT_URL", server.url)
    picture = tmp_path / "shelf.png"
    picture.write_bytes(PNG)
    result = Shell(monkeypatch, capsys)("run", "locate", "--picture", str(picture), "--phrase", "the red mug")
    alone = Box(**json.loads(result.out))
    rows = [{"picture": Image(picture), "phrase": phrase} for phrase in ("the red mug", "左边的杯子", "a cat")]
    answers = locate.batch(rows)
    assert answers[0] == alone and all(isinstance(each, Box) for each in answers)


def test_all_calls_share_one_engine(server: RunningServer) -> None:
    engines = [each for each in server.transport.engines.values() if isinstance(each, UnifiedEngine)]
    assert len(engines) == 1 and engines[0].pid
