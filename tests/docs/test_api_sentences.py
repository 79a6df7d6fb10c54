"""The code of the design's page of examples runs as it stands.

`api.txt` beside this file is a copy of that page without what does not exist yet. A script, a function or a server of
the test answers instead of a model where the content of the answer matters.
"""

import ast
import asyncio
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

import plait
from plait import Box, Ref, engine
from plait.core.calls import event_loop
from plait.core.calls.scope import use_transport
from plait.core.calls.transport import local_transport
from plait.core.engine.chat import ChatEngine
from plait.core.errors import BatchFailed, NoCapableModel, error_text
from plait.core.task.task import Task
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog, tasks_in
from plait.service.local_transport import LocalTransport
from plait.storage.database import current_database
from plait.storage.feedback_table import feedback_on
from plait.tasks.locate import locate
from plait.testing.engines import FixedTextEngine
from tests.support.openai_peer import peer, reply_text
from tests.support.running_server import error_of, needs_model, run_plait, serve_catalog, serve_command
from tests.support.scripted_chat_model import ScriptedChatModel
from tests.support.shelf import PNG, encode_picture, shelf

ROOT = Path(__file__).parent.parent.parent
API = (Path(__file__).parent / "api.txt").read_text("utf-8")
KEY = "a-key-of-twenty-letters"
TEXT = "Invoice 7 of MB, 6 May 2026: 2 nails at 1.50 EUR"
SIGN = Box(8, 16, 24, 40)

# Names that the page uses without defining them: tasks that it only mentions, and the reader's own functions.
SUPPORT = '''
from plait import engine

@task
def shorten(text: str) -> str:
    """Say {text} shorter."""
    ...

class Sorted(BaseModel):
    label: Literal["billing", "technical", "other"]
    urgency: Literal["low", "high"]
    summary: str

@task
def sort_message(message: str) -> Sorted:
    """What is {message} about?"""
    ...

def route(message: str) -> str:
    return sort_message(message).label

LINES = [Line(what="nails", quantity=2, price=Decimal("1.50"))]
INVOICE = Invoice(number="7", issued=date(2026, 5, 6), seller="MB", currency="EUR", lines=LINES)
DEVICES = [
    Device(name="lamp", area="kitchen", kind="light"),
    Device(name="blind", area="bedroom", kind="cover"),
]
'''
BY_CODE = """
@engine.answers(extract_invoice)
def by_hand(text: str) -> Invoice:
    return INVOICE

@engine.answers(sort_message)
def by_words(message: str) -> Sorted:
    return Sorted(label="billing", urgency="low", summary=message)
"""


def blocks(section: str) -> list[str]:
    """The code blocks of a section, in order."""
    _, _, below = API.partition(f"## {section}\n")
    assert below, f"api.md has no section {section}"
    return re.findall(r"```\w*\n(.*?)```", below.partition("\n## ")[0], re.DOTALL)


def said(section: str, block: int) -> str:
    return blocks(section)[block]


def run(source: str, names: dict[str, Any]) -> None:
    """Statement by statement, as in a notebook, where `await` stands at the top."""
    tree = compile(source, "api.md", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    assert isinstance(tree, ast.Module)
    for statement in tree.body:
        code = compile(ast.Module([statement], []), "api.md", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        result = eval(code, names)
        if inspect.iscoroutine(result):
            asyncio.run(result)


@pytest.fixture
def my_tasks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The page's own file of tasks, written and imported."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my_tasks.py").write_text(said("Declare", 0) + SUPPORT, "utf-8")
    (tmp_path / "street.jpg").write_bytes(encode_picture(shelf(), "JPEG"))
    (tmp_path / "invoice.txt").write_text(TEXT, "utf-8")
    spec = util.spec_from_file_location("my_tasks", tmp_path / "my_tasks.py")
    assert spec and spec.loader
    module = util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "my_tasks", module)
    spec.loader.exec_module(module)
    yield module


@pytest.fixture
def names(my_tasks: ModuleType) -> Iterator[dict[str, Any]]:
    """The names that the page's code uses, with scripted answers."""
    t = my_tasks
    seen: list[Any] = []
    with engine.scripted(
        {
            t.extract_invoice: t.INVOICE,
            t.home_command: t.Switch(device=Ref(t.DEVICES[1]), on=True),
            t.cited_answer: [t.Sentence(text="So it is.", source=Ref("one")), t.Sentence(text="Or not.", source=None)],
            t.shorten: "Short and sweet.",
            t.detect: [t.Found(what="exit sign", where=SIGN)],
            locate: SIGN,
            t.sort_message: t.Sorted(label="technical", urgency="low", summary="It hums."),
        }
    ):
        yield {
            **vars(t),
            "plait": plait,
            "devices": t.DEVICES,
            "text": Path("invoice.txt").read_text(),
            "inbox": ["It hums.", "It is silent."],
            "question": "Is it?",
            "passages": ["one", "two"],
            "message": "I was charged twice.",
            "picture": t.Image(PNG),
            "locate": locate,
            "screen": seen,
            "draw_on": lambda screen, boxes: screen.append(boxes),
            "show": seen.append,
            "seen": seen,
            "key": KEY,
        }


# ── Declare ──


def test_the_declared_functions_are_tasks(my_tasks: ModuleType) -> None:
    declared = {each.declaration.name for each in tasks_in(my_tasks)}
    assert {"extract_invoice", "home_command", "cited_answer"} < declared
    assert my_tasks.INVOICE.total == Decimal("3.00")
    assert my_tasks.home_command.declaration.wordings["zh"]


# ── Call ──


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # `open("invoice.txt").read()`, as people write it
def test_every_documented_call_is_answered(
    names: dict[str, Any], my_tasks: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    run(blocks("Call")[0], names)
    assert names["invoice"] == my_tasks.INVOICE
    assert names["command"].device.value is my_tasks.DEVICES[1]
    assert names["device"].value is my_tasks.DEVICES[1] and names["on"] is True
    assert capsys.readouterr().out == "Short and sweet."
    assert names["seen"][0] == my_tasks.Found(what="exit sign", where=SIGN)
    assert names["seen"][1:] and names["seen"][-1] == names["streamed"].partial
    assert names["streamed"].final == my_tasks.INVOICE
    assert [each.label for each in names["answers"]] == ["technical", "technical"]
    detailed = names["answer"]
    assert detailed.value == my_tasks.INVOICE and [each.text for each in detailed.evidence["lines.0.price"]] == ["1.50"]
    assert detailed.confidence["issued"] is None
    (corrected,) = my_tasks.extract_invoice.examples
    assert corrected.answer == my_tasks.INVOICE and corrected.correction == detailed.id
    assert [each.comment for each in feedback_on(current_database(), detailed.id)] == ["the year"]


def test_a_reference_is_the_object_that_was_passed(names: dict[str, Any]) -> None:
    (line,) = [line for line in blocks("Call")[0].splitlines() if line.startswith("answer = await cited_answer")]
    run(line, names)
    assert names["answer"][0].source.value is names["passages"][0] and names["answer"][1].source is None


def test_an_invalid_row_does_not_stop_the_rest(names: dict[str, Any]) -> None:
    with pytest.raises(BatchFailed) as failed:
        names["sort_message"].batch([{"message": "x"}, {"message": 5}, {"mesage": "x"}])
    assert [bool(each) for each in failed.value.answers] == [True, False, False]
    assert [bool(each) for each in failed.value.errors] == [False, True, True]


def test_a_client_sends_calls_to_another_server(names: dict[str, Any], my_tasks: ModuleType) -> None:
    source = blocks("Call")[2]
    assert source.count("http://plait.example:8800") == 1
    engine.answers(my_tasks.extract_invoice)(lambda text: my_tasks.INVOICE)
    with serve_catalog(
        Catalog.from_tasks(tasks_in(my_tasks)), rules=AccessPolicy.from_settings("127.0.0.1", (), [KEY])
    ) as server:
        run(source.partition("Client().tasks()")[0].replace("http://plait.example:8800", server.url), names)
    run("from plait import Client\ncards = Client().tasks()", names)
    assert {card.name for card in names["cards"]} == {task.declaration.name for task in Catalog.built_in()}


@needs_model
@pytest.mark.model
def test_a_client_chats(
    names: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLAIT_ANSWER_TOKENS", "16")
    last = blocks("Call")[2].strip().splitlines()[-1]
    assert "Client().chat(" in last
    run(f"from plait import Client\n{last}", names)
    assert len(capsys.readouterr().out) > 3


def test_a_client_chats_through_a_server(
    names: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    talker = ScriptedChatModel()
    last = blocks("Call")[2].strip().splitlines()[-1]
    with serve_catalog(Catalog(()), LocalTransport(only=ChatEngine(talker))) as server:
        monkeypatch.setenv("PLAIT_URL", server.url)
        with use_transport(None):
            run(f"from plait import Client\n{last}", names)
    assert capsys.readouterr().out == talker.text


def test_a_server_named_with_its_key_and_box_format_answers_and_without_the_format_is_refused(
    names: dict[str, Any], my_tasks: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_text = blocks("Call")[1]
    (call,) = [line for line in blocks("Call")[0].splitlines() if "gpu-box" in line]
    monkeypatch.setenv("GPU_BOX_KEY", KEY)
    with use_transport(None):
        with peer(reply_text("[125, 250, 500, 750]")) as server:
            Path("plait.toml").write_text(settings_text.replace("http://gpu-box:8000/v1", server.url))
            namespace: dict[str, Any] = {**names}
            run(f"sign = {call}", namespace)
            assert (
                namespace["sign"] == Box(8, 12, 32, 36) and server.calls[0].headers["authorization"] == f"Bearer {KEY}"
            )
            settings_text = settings_text.replace("http://gpu-box:8000/v1", server.url).replace("boxes", "# boxes")
            Path("plait.toml").write_text(settings_text)
            error = error_of(lambda: run(call, namespace))
            assert isinstance(error, NoCapableModel) and len(server.calls) == 1
            event_loop.run(local_transport().aclose())  # type: ignore[union-attr]


# ── Look ──


def test_schema_grammar_and_prompt_of_a_task_can_be_inspected(
    names: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    run(blocks("Look")[0], names)
    prompt = capsys.readouterr().out
    assert "Read the invoice ... and fill in its fields." in prompt and '"currency"' in prompt
    schema = names["extract_invoice"].schema
    assert schema.answer["properties"]["currency"]["enum"] == ["EUR", "USD", "GBP", "CNY"]
    assert schema.request["required"] == ["text"]
    assert names["extract_invoice"].grammar is not None


def test_the_path_of_a_task_is_shown() -> None:
    (line,) = shell_lines("Look", 1)
    assert line == "plait show extract_invoice"
    printed = run_plait(*line.split()[1:])
    assert printed.code == 0
    stops = re.findall(r"^  (\w+) +\S.* \S+\.py:\d+$", printed.out, re.MULTILINE)
    assert stops == ["inputs", "prompt", "grammar", "engine", "verify", "validate"]
    places = re.findall(r"(src/plait/\S+\.py):(\d+)$", printed.out, re.MULTILINE)
    for file, number in places:
        assert re.match(r"(async )?def |class |@", (ROOT / file).read_text("utf-8").splitlines()[int(number) - 1]), file


# ── Improve ──


def test_examples_are_added_and_a_task_is_scored(
    names: dict[str, Any], my_tasks: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    right, wrong = my_tasks.INVOICE.model_dump(mode="json"), {**my_tasks.INVOICE.model_dump(mode="json"), "number": "8"}
    rows = [{"text": f"one. {TEXT}", "answer": right}, {"text": f"8. {TEXT}", "answer": wrong}]
    Path("held-out.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    source, _, training = blocks("Improve")[0].partition("version = ")
    assert "adapt" in training and "adapt" not in source
    names["corrected"] = my_tasks.INVOICE
    run(source, names)
    assert "copy of the nearest example" in capsys.readouterr().out
    (worst,) = names["report"].worst(5)
    assert (worst.row, worst.reference["number"]) == (2, "8") and names["report"].exact.mean == 0.5
    (added,) = my_tasks.extract_invoice.examples.added_examples
    assert added.answer == my_tasks.INVOICE and added.inputs["text"] == names["text"]


@pytest.mark.slow
@needs_model
@pytest.mark.model
def test_a_task_is_adapted_and_its_verdict_is_printed(
    names: dict[str, Any], my_tasks: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ten examples are learned; without held-out rows the version stays a candidate."""
    right = my_tasks.INVOICE.model_dump(mode="json")
    rows = [{"text": f"{TEXT} Thank you, {number}.", "answer": right} for number in range(10)]
    Path("corrected.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    run("version = " + blocks("Improve")[0].partition("version = ")[2], names)
    printed = capsys.readouterr().out
    assert "smollm2/extract_invoice@1 does not replace smollm2" in printed and "parity: |Δ log p|" in printed
    assert names["version"].verdict.reasons[0] == "there are 0 held-out rows, and 20 are the least"


# ── Teach Plait a new kind of value ──


def test_a_new_value_type_starts_with_a_folder_whose_test_passes(tmp_path: Path) -> None:
    (line,) = shell_lines("Teach Plait a new kind of value", 0)
    assert line == "plait new type molecule"
    output = run_line(line, tmp_path)
    assert "molecule" in output
    assert list(tmp_path.rglob("test_*.py")) and list(tmp_path.rglob("molecule.py"))


def shell_lines(section: str, block: int) -> list[str]:
    lines = [line for line in blocks(section)[block].splitlines() if line.startswith("$ ")]
    return [re.sub(r"\s+#.*", "", line.removeprefix("$ ")) for line in lines]


# ── Serve and use from anywhere ──


def test_every_task_of_the_file_is_served(my_tasks: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "my_tasks.py").write_text((tmp_path / "my_tasks.py").read_text() + BY_CODE)
    line = shell_lines("Serve and use from anywhere", 0)[0]
    assert line == "plait serve my_tasks.py --port 8800"
    with serve_command(*line.replace("8800", "0").split()[2:], cwd=tmp_path) as server:
        document = httpx.get(f"{server.url}/openapi.json", trust_env=False).json()
        for name in ("extract_invoice", "home_command", "cited_answer", "sort_message"):
            assert f"/v1/tasks/{name}" in document["paths"]
            assert httpx.get(f"{server.url}/tasks/{name}", trust_env=False).status_code == 200
        answer = httpx.post(f"{server.url}/v1/tasks/extract_invoice", json={"text": TEXT}, trust_env=False).json()
    assert answer["answer"]["seller"] == "MB" and answer["model"] == "by_hand"


def test_a_task_runs_from_the_command_line(my_tasks: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "my_tasks.py").write_text((tmp_path / "my_tasks.py").read_text() + BY_CODE)
    _, one, rows, chat = shell_lines("Serve and use from anywhere", 0)
    assert one == "plait run my_tasks.py:extract_invoice --text @invoice.txt --json | jq .lines"
    assert json.loads(run_line(one, tmp_path)) == [{"what": "nails", "quantity": 2, "price": "1.50"}]

    assert (rows, chat) == ("plait run sort_message --rows messages.csv > sorted.jsonl", "plait chat")
    (tmp_path / "messages.csv").write_text("message\nCharged twice\nCharged thrice\n")
    run_line(rows.replace("sort_message", "my_tasks.py:sort_message"), tmp_path)
    assert len((tmp_path / "sorted.jsonl").read_text().splitlines()) == 2


@pytest.mark.slow
@needs_model
@pytest.mark.model
def test_the_built_in_task_sorts_a_file_of_messages(tmp_path: Path) -> None:
    (tmp_path / "messages.csv").write_text("message\nI was charged twice\nWhere is my parcel?\n")
    run_line(shell_lines("Serve and use from anywhere", 0)[2], tmp_path)
    answers = [json.loads(line)["answer"] for line in (tmp_path / "sorted.jsonl").read_text().splitlines()]
    assert [sorted(answer) for answer in answers] == [["label", "summary", "urgency"]] * 2


def run_line(line: str, folder: Path) -> str:
    """The line as a person types it, this `plait` first on the path; a stand-in for jq picks the field."""
    stand_in = folder / "jq"
    stand_in.write_text(
        f"#!{sys.executable}\nimport json, sys\nprint(json.dumps(json.load(sys.stdin)[sys.argv[1][1:]]))\n"
    )
    stand_in.chmod(0o755)
    path = os.pathsep.join((str(Path(sys.executable).parent), str(folder), os.environ["PATH"]))
    process = subprocess.run(
        line, shell=True, cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=240
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_the_openai_client_works_with_plait(names: dict[str, Any]) -> None:
    """`messages=[...]` stands for messages; one is put there."""
    source = blocks("Serve and use from anywhere")[1]
    assert "http://localhost:8800/v1" in source and "messages=[...]" in source
    message = '[{"role": "user", "content": "Hello"}]'
    snippet = source.replace("[...]", message).replace("client.chat", "stream = client.chat")
    talker = ScriptedChatModel(name="smollm2")
    catalog, rules = Catalog(()), AccessPolicy.from_settings("127.0.0.1", (), [KEY])
    with serve_catalog(catalog, LocalTransport(only=ChatEngine(talker)), rules) as server:
        run(snippet.replace("http://localhost:8800", server.url), names)
        assert "".join(chunk.choices[0].delta.content or "" for chunk in names["stream"]) == talker.text
        names["client"].close()


# ── Answer by code ──


def test_a_task_is_answered_by_a_function_or_a_script(my_tasks: ModuleType) -> None:
    source = blocks("Answer a task by code, or by a script in tests")[0]
    names = {**vars(my_tasks), "devices": my_tasks.DEVICES, "message": "I was charged twice."}
    run(source, names)
    command = my_tasks.home_command("anything", my_tasks.DEVICES)
    assert isinstance(command, my_tasks.Switch) and command.device.value is my_tasks.DEVICES[0]


# ── When something is wrong ──


def words_of(kind: str) -> str:
    (block,) = blocks("When something is wrong")
    (block_of_kind,) = (each for each in block.strip("\n").split("\n\n") if each.startswith(f"{kind}:"))
    return block_of_kind


def test_a_mistake_in_a_declaration_is_reported_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    above = "from pydantic import BaseModel\nfrom plait import task\n\nclass Device(BaseModel):\n    name: str\n"
    declared = "@task\ndef home_command(utterance: str, devices: list[Device]) -> str:\n"
    mistake = '    """With {device} in the house, what should "{utterance}" do?"""\n    ...\n'
    (tmp_path / "my_tasks.py").write_text(above + "\n" * (39 - above.count("\n")) + declared + mistake)
    result = run_plait("serve", "my_tasks.py", cwd=tmp_path)
    assert (result.code, result.err) == (2, words_of("InstructionError") + "\n")


@needs_model
def test_a_text_only_model_is_not_used_for_pictures(my_tasks: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.service.engines.unified.config.shipped_weights_files", list)
    assert error_text(error_of(lambda: my_tasks.detect(my_tasks.Image(PNG)))) == words_of("NoCapableModel")


def test_an_answer_refused_twice_raises_with_the_reason(my_tasks: ModuleType) -> None:
    text = '{"number":"7","issued":"2026-02-31","seller":"MB","lines":[LINE],"currency":"EUR"}'
    text = text.replace("LINE", '{"what":"nails","quantity":1,"price":"1.50"}')
    with use_transport(LocalTransport(only=FixedTextEngine(text))):
        error = error_of(lambda: my_tasks.extract_invoice(TEXT))
    first, fault, last = error_text(error).splitlines()
    message, issued, hint = words_of("InvalidAnswer").splitlines()
    assert (first, last) == (message, hint)
    # The page quotes pydantic; the gate says the same in the words that a date has everywhere.
    assert fault.startswith("    issued: ") and issued.startswith("    issued: ")
    assert fault.endswith('    "2026-02-31"') and issued.endswith('    "2026-02-31"')
    assert error.answer == text  # type: ignore[attr-defined]


@needs_model
@pytest.mark.model
def test_a_prompt_that_is_too_long_raises_with_both_counts(my_tasks: ModuleType) -> None:
    passages = [f"Passage {number}: " + "it is said that the lamp burns. " * 60 for number in range(31)]
    task: Task[..., Any] = my_tasks.cited_answer
    message = error_text(error_of(lambda: task("Does it burn?", passages)))
    first, hint = words_of("ContextTooLong").splitlines()
    assert re.sub(r"[\d,]+", "N", message.splitlines()[0]) == re.sub(r"[\d,]+", "N", first)
    # The number of items that fit is estimated by characters, and the message says so.
    assert re.sub(r"[\d,]+", "N", message.splitlines()[1]).replace("about ", "") == re.sub(r"[\d,]+", "N", hint)
