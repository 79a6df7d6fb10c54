"""A route from the calibration to HTTP, of two models that llama.cpp runs; the large one is not calibrated."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from plait.core.calls import event_loop
from plait.core.calls.scope import use_transport
from plait.core.calls.transport import local_transport
from plait.core.engine.protocol import name_of_model
from plait.service.catalog import Catalog, find_task
from plait.service.local_transport import LocalTransport
from tests.support.colour_versions import COLOUR
from tests.support.running_server import CommandResult, Shell, needs_model, serve_catalog
from tests.support.tiny_llama import TinyLlama

pytestmark = [needs_model, pytest.mark.model, pytest.mark.slow]  # 30 seconds of processor time
TASK = "colours.py:colour"
THINGS = [f"{thing} {number}" for number in range(32) for thing in ("grass", "snow", "coal")]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Iterator[Shell]:
    """A folder with the task and two models that start in half a second. The large one is always right."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "colours.py").write_text(COLOUR)
    tables = ""
    for name, layers in (("small", 1), ("large", 4)):
        file = TinyLlama(layers=layers, sharpness=4.0).write(tmp_path / f"{name}.gguf")
        tables += f'[models.{name}]\npath = "{file}"\ncontext = 512\n'
    (tmp_path / "plait.toml").write_text(tables)
    yield Shell(monkeypatch, capsys)
    event_loop.run(local_transport().aclose())


def checked(result: CommandResult) -> CommandResult:
    assert result.code == 0, result.err
    return result


def hold_out_answers_of_large(folder: Path) -> None:
    answers = find_task(TASK)[0].using("large", shots=0).batch([{"thing": thing} for thing in THINGS])
    rows = [{"thing": thing, "answer": answer} for thing, answer in zip(THINGS, answers, strict=True)]
    (folder / "held_out").mkdir()
    (folder / "held_out" / "colour.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_two_gguf_models_are_routed_and_served(shell: Shell, tmp_path: Path) -> None:
    with use_transport(local_transport()):
        hold_out_answers_of_large(tmp_path)
    checked(shell("evaluate", TASK, "--model", "small", "--calibrate"))
    report = json.loads(checked(shell("route", TASK, "--models", "small,large", "--json")).out)
    by_name = {each["model"]: each for each in report["models"]}
    assert by_name["large"]["figures"]["right"]["mean"] == 1 > by_name["small"]["figures"]["right"]["mean"]
    assert by_name["large"]["answered_by"].startswith("large@") and report["choosing"] + report["measuring"] >= 40
    point = report["curve"][report["chosen"]]
    assert point["estimate"] == 1 and {each["model"] for each in point["steps"]} <= {"small", "large"}

    answered = json.loads(
        checked(shell("run", TASK, "--model", "colour-route", "--detailed", "--thing", "grass 3")).out
    )
    assert name_of_model(answered["model"]) in by_name
    with serve_catalog(Catalog((find_task(TASK)[0],)), LocalTransport()) as server:
        url = f"{server.url}/v1/tasks/colour?model=colour-route"
        over_http = httpx.post(url, json={"thing": "grass 3"}, timeout=60).json()
        assert (over_http["answer"], over_http["model"]) == (answered["answer"], answered["model"])
