"""One task through the house: declared once, everything else follows from it, and it all says the same."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from plait import Client, Ref, engine
from plait.core.grammar import ast as g
from plait.core.grammar.gbnf import gbnf
from plait.core.grammar.json_schema import json_schema
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import call_context
from plait.core.values.json_text import dumps
from plait.service.catalog import Catalog, tasks_in
from plait.service.task_module import import_file
from plait.testing import check_task
from plait.testing.engines import FixedTextEngine
from plait.testing.gbnf_check import GbnfGrammar
from tests.support.running_server import RunningServer, needs_model, run_plait, serve_catalog

SOURCE = '''"""Who takes which parcel."""

from typing import Literal

from pydantic import BaseModel, Field

from plait import Ref, task


class Courier(BaseModel):
    name: str
    by: Literal["bike", "van"]


class Trip(BaseModel):
    courier: Ref[Courier]
    parcels: int = Field(ge=1, le=20)
    note: str | None = Field(default=None, max_length=80)


@task(wordings={"de": "Wer von {couriers} fährt für „{wish}“?"})
def send(wish: str, couriers: list[Courier]) -> Trip:
    """Which of {couriers} should take "{wish}"?"""
    ...
'''
WIRE = {"wish": "three boxes across town", "couriers": [{"name": "Ada", "by": "bike"}, {"name": "Bo", "by": "van"}]}
SAID = {"courier": "Bo", "parcels": 3, "note": None}  # as an engine says it: by name
ANSWER = {"courier": 1, "parcels": 3, "note": None}  # as the wire has it: by index


@pytest.fixture
def parcels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The file as its writer has it; its name is not that of another test's."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parcels.py").write_text(SOURCE, "utf-8")
    return import_file(Path("parcels.py"))


@pytest.fixture
def couriers(parcels: ModuleType) -> list[Any]:
    return [parcels.Courier(**each) for each in WIRE["couriers"]]  # type: ignore[attr-defined, misc]


@pytest.fixture
def server(parcels: ModuleType) -> Iterator[RunningServer]:
    catalog = Catalog.from_tasks(tasks_in(parcels))
    with serve_catalog(catalog) as running:
        running.transport.only = FixedTextEngine(dumps(SAID), digest="0123456789ab")
        yield running


def test_the_task_consists_of_its_declaration(parcels: ModuleType) -> None:
    declared = parcels.send.declaration
    assert [parameter.name for parameter in declared.parameters] == ["wish", "couriers"]
    assert declared.answer.name == "record" and re.fullmatch("[0-9a-f]{12}", declared.fingerprint)
    check_task(parcels.send)


def test_schemas_describe_inputs_and_answer(parcels: ModuleType) -> None:
    schema = parcels.send.schema
    assert schema.request["required"] == ["wish", "couriers"]
    assert set(schema.answer["properties"]) == {"courier", "parcels", "note"}
    assert schema.answer["properties"]["parcels"]["maximum"] == 20


def test_the_prompt_contains_instruction_inputs_and_format(parcels: ModuleType, couriers: list[Any]) -> None:
    prompt = str(parcels.send.prompt(WIRE["wish"], couriers))
    assert 'should take "three boxes across town"?' in prompt
    assert "Ada" in prompt and "van" in prompt and '"parcels": whole number' in prompt
    german = str(parcels.send.using(wording="de").prompt(WIRE["wish"], couriers))
    assert "fährt für „three boxes across town“?" in german


def test_the_grammar_admits_only_valid_answers(parcels: ModuleType, couriers: list[Any]) -> None:
    declared = parcels.send.declaration
    context = call_context(declared, {"wish": "x", "couriers": couriers}, by_name=True)
    grammar = answer_grammar(declared, context)
    assert isinstance(grammar, g.Object) and grammar.fields[0] == ("courier", g.Reference(("Ada", "Bo")))
    rules = GbnfGrammar(gbnf(grammar))
    assert rules.admits(dumps(SAID))
    for wrong in ({"courier": "Cy"}, {"parcels": 0}, {"parcels": 21}, {"note": 5}, {"more": 1}):
        assert not rules.admits(dumps({**SAID, **wrong})), wrong
    assert json_schema(grammar)["properties"]["courier"] == {"enum": ["Ada", "Bo"]}  # type: ignore[index, call-overload]


def test_python_cli_http_and_page_give_the_same_answer(
    parcels: ModuleType, couriers: list[Any], server: RunningServer, tmp_path: Path
) -> None:
    with Client(server.url):
        trip = parcels.send(WIRE["wish"], couriers)
    assert isinstance(trip, parcels.Trip)
    assert trip.courier.value is couriers[1] and (trip.parcels, trip.note) == (3, None)

    response = httpx.post(f"{server.url}/v1/tasks/send", json=WIRE, trust_env=False).json()
    assert response["answer"] == ANSWER and response["model"] == "writes@0123456789ab"
    assert response["id"].startswith(parcels.send.declaration.fingerprint)

    flags = ("--wish", str(WIRE["wish"]), "--couriers", json.dumps(WIRE["couriers"]))
    result = run_plait("run", "parcels.py:send", *flags, "--json", cwd=tmp_path, env={"PLAIT_URL": server.url})
    assert (result.code, json.loads(result.out or "null"), result.err) == (0, ANSWER, "")

    page = httpx.get(f"{server.url}/tasks/send", trust_env=False)
    assert page.status_code == 200 and 'name="wish"' in page.text and "couriers" in page.text
    form = {
        "wish": WIRE["wish"],
        **{f"couriers.{at}.{name}": text for at, each in enumerate(couriers) for name, text in each},
    }
    answered = httpx.post(f"{server.url}/tasks/send", data=form, trust_env=False)
    assert answered.status_code == 200, answered.text
    text = re.sub(r"<[^>]*>|\s+", " ", answered.text)
    assert "Bo" in text and "0123456789ab"[:6] in text


def test_an_invalid_answer_is_refused_by_python_cli_http_and_page(
    parcels: ModuleType, couriers: list[Any], server: RunningServer
) -> None:
    server.transport.only = FixedTextEngine(dumps({**SAID, "parcels": 21}))
    response = httpx.post(f"{server.url}/v1/tasks/send", json=WIRE, trust_env=False)
    assert response.status_code == 502
    assert response.json()["error"]["problems"][0]["path"] == "parcels"


def test_a_right_answer_becomes_an_example_in_the_next_prompt(parcels: ModuleType, couriers: list[Any]) -> None:
    trip = parcels.Trip(courier=Ref(couriers[0]), parcels=2)
    parcels.send.examples.add(trip, wish="two letters", couriers=couriers)
    prompt = str(parcels.send.prompt("a piano", couriers))
    assert 'should take "two letters"?' in prompt and dumps({"courier": "Ada", "parcels": 2, "note": None}) in prompt


def test_plait_show_prints_the_path(parcels: ModuleType, tmp_path: Path) -> None:
    output = run_plait("show", "parcels.py:send", cwd=tmp_path).out
    for stop in ("parcels.py:", "inputs", "prompt", "grammar", "engine", "validate", "POST /v1/tasks/send"):
        assert stop in output


def test_a_scripted_engine_replaces_the_model(parcels: ModuleType, couriers: list[Any]) -> None:
    trip = parcels.Trip(courier=Ref(couriers[0]), parcels=1)
    with engine.scripted({parcels.send: trip}):
        assert parcels.send("x", couriers) == trip


@needs_model
@pytest.mark.model
def test_the_embedded_model_answers_with_a_valid_trip(parcels: ModuleType, couriers: list[Any]) -> None:
    trip = parcels.send.using(seed=1)(WIRE["wish"], couriers)
    assert isinstance(trip, parcels.Trip)
    assert any(trip.courier.value is each for each in couriers) and 1 <= trip.parcels <= 20
    *_, last = parcels.send.using(seed=1).stream(WIRE["wish"], couriers)
    assert last.final == trip
