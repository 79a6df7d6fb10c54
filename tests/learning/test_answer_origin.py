"""An answer is traced to its version, the examples that taught it, run, gate and feedback; or to what is known."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

import plait
from plait.core.calls.scope import use_transport
from plait.core.engine.chat import ChatEngine
from plait.core.prompting.example_rows import example_to_json
from plait.core.prompting.project import project_folder, project_key
from plait.foundation.cards.adapter import AdapterHeader
from plait.http.security import AccessPolicy
from plait.learning.gate import GateRow, GateRule
from plait.learning.manifest import row_sha256
from plait.learning.parity import HALF_PRECISION, ServingParity
from plait.learning.verdict import HeldOutFacts, JudgedCandidate, judge
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from plait.service.models.model_version import ModelVersion, TaughtExample, VersionManifest
from plait.service.models.registry import current_registry
from tests.support.ledger_tasks import read_bill
from tests.support.running_server import Shell, serve_catalog
from tests.support.scripted_chat_model import ScriptedChatModel
from tests.support.stored_versions import new_version, write_small_adapter

NAME = "smollm2/read_bill"
KEYS = ("k" * 16, "o" * 16)
BILL = '{"number":"12","issued":null,"lines":[{"what":"nails","unit_price":"1.50"}]}'
CATALOG = Catalog((read_bill,))


def transport_of(model: str) -> LocalTransport:
    """A transport whose only model has this name."""
    scripted = ScriptedChatModel(text=BILL)
    scripted.name = model
    return LocalTransport(catalog=CATALOG, only=ChatEngine(scripted))


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


@pytest.fixture
def recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalTransport]:
    """A transport that records, whose model is a version of the registry."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plait.toml").write_text("[recording]\nall = true\n")
    transport = transport_of(f"{NAME}@1")
    with use_transport(transport):
        yield transport
    transport.recorder.close()


def add_version(tmp_path: Path, **verdict: Any) -> ModelVersion:
    """Version 1 of the task, taught by an example of the database, a removed one, and one of a file."""
    for number in ("12", "13"):
        read_bill.correct(read_bill.detailed(f"bill {number} of 12").id)
    store = read_bill.examples.store
    rows = [row for every in store.rows().values() for row in every]  # type: ignore[attr-defined]
    stored = [TaughtExample(str(row.id), row_sha256(json.loads(row.row))) for row in rows]
    store.remove(next(iter(store)))
    of_file = TaughtExample("", row_sha256(example_to_json(read_bill.declaration, next(iter(store)))))
    manifest = VersionManifest({"rank": 8}, "c" * 64, (*stored, of_file), 3, {"plait": "0.1.0", "torch": "2.8"})
    project = project_key(project_folder(read_bill.declaration))
    new = replace(
        new_version(), project=project, name=NAME, base="smollm2", task="read_bill", run="0123456789ab",
        fingerprint=read_bill.declaration.fingerprint, manifest=manifest,
    )  # fmt: skip
    registry = current_registry()
    header = AdapterHeader("llama", 1, 2.0, new.base_sha256, new.task, new.fingerprint)
    version = registry.add_version(new, write_small_adapter(tmp_path / "adapter.gguf", header=header))
    registry.set_alias(project, NAME, {1: 100}, reason="better", person="Ada")
    return version


def verdict_json(candidate: float) -> str:
    rows = [GateRow(f"row {number}", 0.25, candidate, False, True) for number in range(40)]
    parity = ServingParity(40, 500, 0.001, 0.01, 0.1, 0, HALF_PRECISION)
    facts = HeldOutFacts("held_out/read_bill.jsonl", 40, 40, "ab" * 32)
    judged = JudgedCandidate("read_bill", "f", f"{NAME}@1", "smollm2", facts, parity)
    return judge(GateRule(), rows, judged).to_json()


def ask(transport: LocalTransport) -> str:
    id = read_bill.detailed("bill 12 of 13").id
    assert transport.recorder.flush()
    return id


def test_a_recorded_answer_is_traced_to_what_taught_it(recording: LocalTransport, tmp_path: Path, shell: Shell) -> None:
    version = add_version(tmp_path)
    current_registry().record_verdict(version, verdict_json(1.0))
    id = ask(recording)
    plait.feedback(id, right=True, comment="well read", user="anna")
    recording.answers.answers.clear()
    text = shell("why", id).out
    for line in (
        f"version        {NAME}@1, an adapter of smollm2, made on 20",
        "taught by      3 examples: 1 in the database, 1 removed since, 1 from files",
        "run            0123456789ab, seed 3, plait 0.1.0 torch 2.8",
        "gate           the rule held: 1.000 [",
        " of smollm2, on 40 held-out rows",
        "answers now    1",
        "inputs         recorded",
        "feedback       anna: right; well read",
        f"files          adapter {version.sha256[:12]}, base {version.base_sha256[:12]}",
    ):
        assert line in text, text
    known = json.loads(shell("why", id, "--json").out)
    assert known["version"]["name"] == f"{NAME}@1" and known["version"]["config"] == {"rank": 8}
    assert [each["id"] for each in known["version"]["examples"]] == ["1", "2", ""]
    assert known["version"]["verdict"]["held_out"]["scored"] == 40 and known["feedback"][0]["person"] == "anna"


def test_the_alias_and_a_removed_version_are_named_as_they_are_now(
    recording: LocalTransport, tmp_path: Path, shell: Shell
) -> None:
    version = add_version(tmp_path)
    id = ask(recording)
    registry = current_registry()
    assert "not evaluated" in shell("why", id).out
    registry.record_verdict(version, verdict_json(0.25))
    assert "the rule did not hold: the gain is" in shell("why", id).out
    registry.record_verdict(version, '{"promote":true}')
    assert "this is not a verdict of plait adapt" in shell("why", id).out
    registry.set_alias(version.project, NAME, {0: 100}, fingerprint=version.fingerprint)
    registry.set_alias(version.project, NAME, {0: 100}, reason="twice", fingerprint=version.fingerprint)
    registry.remove(version.project, NAME, 1)
    text = shell("why", id).out
    assert "answers now    base" in text and "(was removed on 20" in text


def test_of_an_answer_that_is_not_recorded_the_model_is_known_and_no_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shell: Shell
) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path(__file__).parents[1] / "support" / "ledger_tasks.py"
    id = json.loads(shell("run", f"{file}:shorten", "--text", "a text", "--detailed", "--json").out)["id"]
    for named in (id, "last"):
        text = shell("why", named).out
        assert text.startswith(f"{id}\n") and "not kept: the answer is not recorded" in text
        assert "none of the registry" in text and "task           shorten" in text


@pytest.mark.parametrize("id", ["0-0", "../../etc/passwd", "last", "x" * 5_000])
def test_an_unknown_id_is_an_error_with_a_hint(shell: Shell, id: str) -> None:
    result = shell("why", id)
    assert result.code == 2 and "→" in result.err and len(result.err) < 1_000


def test_a_server_explains_to_the_key_that_asked(
    recording: LocalTransport, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, shell: Shell
) -> None:
    add_version(tmp_path)
    rules = AccessPolicy.from_settings("127.0.0.1", (), KEYS)
    with serve_catalog(CATALOG, recording, rules) as server:
        mine, other = (
            httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"}, trust_env=False)
            for key in KEYS
        )
        id = mine.post("/v1/tasks/read_bill?user=ben", json={"text": "bill 12"}).json()["id"]
        in_memory = mine.get(f"/v1/answers/{id}/why").json()
        assert recording.recorder.flush()
        known = mine.get(f"/v1/answers/{id}/why").json()
        assert known["source"] == "database" and known["person"] == "ben" and known["version"]["name"] == f"{NAME}@1"
        assert in_memory["source"] in ("memory", "database")
        unknown = id[:-12] + "0" * 12
        foreign, missing = (other.get(f"/v1/answers/{each}/why") for each in (id, unknown))
        assert foreign.status_code == missing.status_code == 404
        assert foreign.text.replace(id, "ID") == missing.text.replace(unknown, "ID")
        assert httpx.get(f"{server.url}/v1/answers/{id}/why", trust_env=False).status_code == 401
        assert set(mine.get("/openapi.json").json()["paths"]["/v1/answers/{id}/why"]) == {"get"}
        monkeypatch.setenv("PLAIT_URL", server.url)
        monkeypatch.setenv("PLAIT_KEYS", KEYS[0])
        monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "another machine"))
        assert f"model          {NAME}@1" in shell("why", id).out
        mine.close()
        other.close()


@pytest.mark.parametrize(("language", "words"), [("en", "Taught by"), ("zh", "教它的示例")])
def test_a_link_below_the_answer_leads_to_the_page(
    recording: LocalTransport, tmp_path: Path, language: str, words: str
) -> None:
    add_version(tmp_path)
    with serve_catalog(CATALOG, recording) as server, httpx.Client(base_url=server.url) as client:
        page = client.post(f"/tasks/read_bill?lang={language}", data={"text": "bill 12 of 13"}).text
        path = next(each for each in page.split('"') if each.startswith("/answers/") and "/why" in each)
        assert words not in page and words in client.get(path.replace("&amp;", "&")).text
