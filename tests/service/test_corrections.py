"""A corrected answer is an example at once, the next answer names it, and it can be taken back."""

import os
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from plait import Client, Ref, engine
from plait.core.calls.scope import use_transport
from plait.core.engine.chat import ChatEngine
from plait.core.errors import AnswerNotFound, InputError
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.ledger_tasks import LAMPS, Nothing, read_bill, shorten, turn
from tests.support.running_server import serve_catalog
from tests.support.scripted_chat_model import ScriptedChatModel

KEY, OTHER_KEY = "k" * 16, "o" * 16


def answers(task: Any) -> list[Any]:
    return [example.answer for example in task.examples]


def test_a_corrected_field_is_an_example_at_once() -> None:
    answer = read_bill.detailed("bill 12")
    correction = read_bill.correct(answer.id, issued="2026-05-06")
    (example,) = read_bill.examples
    assert example == correction.example and correction.id == example.correction == answer.id
    assert example.inputs == {"text": "bill 12"} and example.answer.issued == date(2026, 5, 6)
    assert correction.undo() and answers(read_bill) == [] and not correction.undo()


def test_an_answer_without_changes_is_marked_as_right() -> None:
    assert read_bill.correct(read_bill.detailed("bill 12").id).example.answer.number == "12"
    assert shorten.correct(shorten.detailed("long text").id).example.answer == "lon"


def test_dotted_paths_and_fields_are_corrected_together() -> None:
    answer = read_bill.detailed("bill 12")
    example = read_bill.correct(answer.id, {"lines.0.price": "3.00"}, issued=date(2026, 5, 6)).example
    assert (str(example.answer.lines[0].price), example.answer.issued) == ("3.00", date(2026, 5, 6))  # type: ignore[attr-defined]


def test_a_second_correction_replaces_the_first() -> None:
    first, other = shorten.detailed("one text").id, shorten.detailed("other text").id
    shorten.correct(first, answer="a")
    shorten.correct(other, answer="b")
    shorten.correct(first, answer="c")
    shorten.correct(first, answer="c")
    assert sorted(answers(shorten)) == ["b", "c"]
    assert shorten.correct(first, answer="d").undo() and answers(shorten) == ["b"]


def test_a_refused_correction_stores_nothing() -> None:
    answer = read_bill.detailed("bill 12")
    read_bill.correct(answer.id)
    with pytest.raises(InputError) as caught:
        read_bill.correct(answer.id, issued="2026-02-31")
    assert caught.value.problems[0].path == "issued" and caught.value.problems[0].value == '"2026-02-31"'
    assert [each.issued for each in answers(read_bill)] == [None]


def test_an_unknown_id_says_how_to_correct_from_a_file() -> None:
    for id in ("", "x", shorten.detailed("text").id, f"{read_bill.declaration.fingerprint}-000000000000"):
        with pytest.raises(AnswerNotFound) as caught:
            read_bill.correct(id)
        assert "--rows corrected.jsonl" in caught.value.hint and id in str(caught.value)


def test_the_next_answer_names_the_correction_in_its_prompt() -> None:
    model = ScriptedChatModel(text="abc")
    with use_transport(LocalTransport(only=ChatEngine(model))):
        first = shorten.detailed("a long text about lamps")
        assert first.corrections == ()
        correction = shorten.correct(first.id, answer="lamps!")
        assert shorten.detailed("a long text about lamps and tables").corrections == (first.id,)
        assert "lamps!" in str(shorten.prompt("a long text about tables"))
        correction.undo()
        assert shorten.detailed("a long text about lamps and tables").corrections == ()


def test_a_scripted_answer_is_corrected_inside_its_block() -> None:
    with engine.scripted({turn: Nothing(why="tired")}):
        id = turn.detailed("light", LAMPS).id
        assert turn.correct(id, {"Turn": {"lamp": 1, "on": True}}).example.answer.lamp.value == LAMPS[1]  # type: ignore[union-attr]


@pytest.mark.parametrize("key", [None, KEY])
def test_a_client_corrects_at_the_server(key: str | None) -> None:
    model = ScriptedChatModel(text='{"number":"12","issued":null,"lines":[{"what":"nails","unit_price":"1.50"}]}')
    transport = LocalTransport(only=ChatEngine(model))
    rules = AccessPolicy.from_settings("127.0.0.1", (), [key, OTHER_KEY] if key else [])
    catalog = Catalog((read_bill, turn))
    with serve_catalog(catalog, transport, rules) as server, Client(server.url, key=key):
        answer = read_bill.detailed("bill 12")
        correction = read_bill.correct(answer.id, issued=date(2026, 5, 6))
        assert correction.example.answer.issued == date(2026, 5, 6) and correction.example.correction == answer.id
        assert read_bill.detailed("the bill 12").corrections == (answer.id,)
        with pytest.raises(InputError) as caught:
            read_bill.correct(answer.id, {"lines.0.price": "-1"})
        assert caught.value.problems[0].path == "lines.0.price"
        with pytest.raises(AnswerNotFound):
            read_bill.correct(f"{read_bill.declaration.fingerprint}-000000000000")
        assert read_bill.correct(answer.id).undo() and not correction.undo()


def test_a_client_passes_objects_and_references() -> None:
    with serve_catalog(Catalog((turn, read_bill))) as server, Client(server.url):
        id = turn.detailed("light", LAMPS).id
        assert turn.correct(id, lamp=Ref(LAMPS[1])).example.answer.lamp.value == LAMPS[1]  # type: ignore[union-attr]
        assert turn.correct(id, answer=Nothing(why="x")).example.answer == Nothing(why="x")


# ── killed ──

KILLED = """
import sys
from plait.storage.example_store import DatabaseStore
from tests.support.ledger_tasks import shorten

if {is_late}:  # the negative control: written after the answer, as a queue would
    import threading
    add = DatabaseStore.add
    DatabaseStore.add = lambda self, *parts: threading.Timer(0.2, add, (self, *parts)).start()
while True:
    id = shorten.detailed("a text").id
    shorten.correct(id, answer="right")
    print(id, flush=True)
"""


def lost_corrections(is_late: bool, folder: Path) -> tuple[int, int]:
    """Corrections confirmed by a process that is killed, and how many of them are not on disk."""
    command = [sys.executable, "-c", KILLED.format(is_late=is_late)]
    environment = {**os.environ, "PLAIT_DATA": str(folder)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        confirmed = [process.stdout.readline().strip() for _ in range(4)]
        os.kill(process.pid, signal.SIGKILL)
        confirmed += process.stdout.read().split()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLAIT_DATA", str(folder))
        stored = {example.correction for example in shorten.examples.store}
    return len(confirmed), len(set(confirmed) - stored)


def test_a_killed_process_loses_no_confirmed_correction(tmp_path: Path) -> None:
    count, lost = lost_corrections(False, tmp_path / "one")
    assert count >= 4 and lost == 0
    _, lost = lost_corrections(True, tmp_path / "late")
    assert lost > 0, "the test sees a correction that is written too late"
