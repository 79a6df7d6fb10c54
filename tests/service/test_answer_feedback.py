"""Feedback is kept for known answers only, of one person or several; what is right by all can serve to evaluate."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

import plait
from plait import Client, Image
from plait.core.calls.scope import use_transport
from plait.core.errors import AnswerNotFound, InputError, InputTooLarge
from plait.core.prompting.project import project_folder, project_key
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from plait.storage.database import current_database
from plait.storage.feedback_table import RatedAnswer, feedback_on, rated_answers
from tests.support.ledger_tasks import BILL, name_colour, read_bill, shorten
from tests.support.running_server import Shell, run_plait, serve_catalog
from tests.support.shelf import encode_picture, shelf

KEYS = ("k" * 16, "o" * 16)


@pytest.fixture
def transport(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalTransport]:
    """A transport in a project that records."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plait.toml").write_text("[recording]\nall = true\n")
    transport = LocalTransport()
    with use_transport(transport):
        yield transport
    transport.recorder.close()


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(monkeypatch, capsys)


def said(id: str) -> list[Any]:
    return feedback_on(current_database(), id)


def rated(task: plait.Task[..., Any] = shorten) -> list[RatedAnswer]:
    declaration = task.declaration
    project = project_key(project_folder(declaration))
    return rated_answers(current_database(), project, declaration.name, declaration.fingerprint)


# ── what is kept ──


def test_each_kind_of_feedback_is_kept(transport: LocalTransport) -> None:
    one, other = shorten.detailed("a text").id, shorten.detailed("a text").id
    plait.feedback(one, right=True)
    plait.feedback(one, score=0.25, comment="  too short <b> ")
    plait.feedback(one, better_than=other, user="anna")
    rows = said(one)
    assert [(row.is_right, row.score, row.comment, row.better_than, row.person) for row in rows] == [
        (True, None, "", "", ""),
        (None, 0.25, "too short <b>", "", ""),
        (None, None, "", other, "anna"),
    ]
    assert {(row.task, row.author) for row in rows} == {("shorten", "owner")}


def test_the_answers_of_an_episode_share_its_id(transport: LocalTransport) -> None:
    ids = [shorten.detailed(f"text {number}").id for number in range(3)]
    given = plait.feedback(ids, right=True)
    assert given.episode and {row.episode for id in ids for row in said(id)} == {given.episode}
    assert plait.feedback(ids[0], right=True).episode == "", "one answer is no episode"
    assert plait.feedback(ids[:1], right=True, episode="trip 7").episode == "trip 7"


def test_an_answer_that_is_not_recorded_is_rated_without_its_inputs(transport: LocalTransport, tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text("")
    id = shorten.detailed("a text").id
    plait.feedback(id, right=True)
    assert [row.is_right for row in said(id)] == [True] and rated() == []


def test_a_recorded_answer_is_rated_after_memory_has_forgotten_it(transport: LocalTransport) -> None:
    id = shorten.detailed("a text").id
    assert transport.recorder.flush()
    transport.answers.answers.clear()
    plait.feedback(id, right=True)
    assert [(each.id, each.inputs, each.answer, each.is_right, each.is_held_out) for each in rated()] == [
        (id, {"text": "a text"}, "a t", True, True)
    ]


# ── verdicts ──


def test_the_later_of_two_verdicts_of_a_person_holds_and_both_are_kept(transport: LocalTransport) -> None:
    id = shorten.detailed("a text").id
    assert transport.recorder.flush()
    for right in (True, False, True, False):
        plait.feedback(id, right=right, user="anna")
        assert [(each.is_right, each.is_held_out) for each in rated()] == [(right, right)]
    assert [row.is_right for row in said(id)] == [True, False, True, False]


def test_an_answer_is_right_only_if_nobody_says_otherwise(transport: LocalTransport) -> None:
    id = shorten.detailed("a text").id
    assert transport.recorder.flush()
    plait.feedback(id, right=True, user="anna")
    plait.feedback(id, right=False, user="ben")
    assert [each.is_right for each in rated()] == [False]
    plait.feedback(id, comment="on second thoughts", user="ben")
    assert [each.is_right for each in rated()] == [False], "a comment is no verdict"
    plait.feedback(id, right=True, user="ben")
    assert [each.is_right for each in rated()] == [True]


def test_an_example_is_no_held_out_row(transport: LocalTransport) -> None:
    id = read_bill.detailed("bill 12").id
    assert transport.recorder.flush()
    plait.feedback(id, right=True)
    assert list(read_bill.examples) == [], "feedback is no example"
    correction = read_bill.correct(id)
    assert [(each.is_right, each.is_held_out) for each in rated(read_bill)] == [(True, False)]
    correction.undo()
    assert [(each.answer, each.is_held_out) for each in rated(read_bill)] == [(BILL, True)]


def test_a_picture_comes_back_with_its_rated_answer(transport: LocalTransport) -> None:
    picture = Image(encode_picture(shelf().resize((400, 300)), "PNG"))
    id = name_colour.detailed(picture).id
    assert transport.recorder.flush()
    plait.feedback(id, right=True)
    (row,) = rated(name_colour)
    assert str(row.inputs["picture"]).startswith("data:image/png;base64,")


def test_redacted_answers_are_rated_but_no_rows(transport: LocalTransport, tmp_path: Path) -> None:
    (tmp_path / "plait.toml").write_text('[recording]\nall = true\nredact = ["text"]\n')
    id = shorten.detailed("a text").id
    assert transport.recorder.flush()
    plait.feedback(id, right=True)
    assert len(said(id)) == 1 and rated() == []


# ── bad input ──


def test_an_unknown_answer_is_refused_and_nothing_is_kept(transport: LocalTransport) -> None:
    known, unknown = shorten.detailed("a text").id, f"{shorten.declaration.fingerprint}-000000000000"
    for ids in (unknown, [known, unknown], "x" * 500):
        with pytest.raises(AnswerNotFound, match="is known") as caught:
            plait.feedback(ids, right=True)
        assert caught.value.hint
    with pytest.raises(AnswerNotFound):
        plait.feedback(known, better_than=unknown)
    assert said(known) == []


def test_a_choice_is_between_answers_to_the_same_inputs(transport: LocalTransport) -> None:
    one, other = shorten.detailed("a text").id, shorten.detailed("another text").id
    bill = read_bill.detailed("bill 12").id
    for worse, message in ((other, "different inputs"), (bill, "an answer of shorten"), (one, "another answer")):
        with pytest.raises(InputError, match=message):
            plait.feedback(one, better_than=worse)
    assert said(one) == []


BAD: list[tuple[dict[str, Any], str]] = [
    ({}, "says nothing"),
    ({"right": None}, "says nothing"),
    ({"comment": "   "}, "says nothing"),
    ({"right": 1}, "right: should be true or false"),
    ({"right": "yes"}, "right: should be true or false"),
    ({"score": 1.5}, "score: should be a number from 0 to 1"),
    ({"score": True}, "score: should be a number from 0 to 1"),
    ({"score": "0.5"}, "score: should be a number from 0 to 1"),
    ({"comment": 7}, "comment: should be a text"),
    ({"comment": "a\x00b"}, "comment: should be a text"),
    ({"right": True, "user": "x" * 201}, "user: should be a text of up to 200 characters"),
    ({"right": True, "user": "a\x1b[31mb"}, "user: should be a text of up to 200 characters"),
    ({"right": True, "episode": "a\nb"}, "episode: should be a text of up to 200 characters"),
    ({"right": True, "better_than": 7}, "better_than: should be the id of another answer"),
    ({"right": True, "answer": ""}, "answers: should be 1 to 100 ids"),
    ({"right": True, "answers": []}, "answer"),
    ({"right": True, "rihgt": True}, "rihgt: is not a field of feedback"),
]


@pytest.mark.parametrize(("fields", "message"), BAD)
def test_what_is_not_feedback_is_refused_with_its_field(
    transport: LocalTransport, fields: dict[str, Any], message: str
) -> None:
    id = shorten.detailed("a text").id
    with serve_catalog(Catalog((shorten,)), transport) as server:
        response = httpx.post(f"{server.url}/v1/feedback", json={"answer": id, **fields}, trust_env=False)
    error = response.json()["error"]
    assert response.status_code == 422 and message in " ".join([error["message"], *error["details"]]) and error["hint"]
    assert "\x1b" not in response.text and said(id) == []


@pytest.mark.parametrize("body", ["x", [], {}, None, {"right": True}])
def test_another_form_is_refused(transport: LocalTransport, body: Any) -> None:
    with serve_catalog(Catalog((shorten,)), transport) as server:
        assert httpx.post(f"{server.url}/v1/feedback", json=body, trust_env=False).status_code == 422


def test_a_comment_of_ten_megabytes_is_too_large(transport: LocalTransport) -> None:
    id = shorten.detailed("a text").id
    with pytest.raises(InputTooLarge, match="10,485,760 characters; 10,000 are accepted"):
        plait.feedback(id, comment="x" * 10 * 2**20)
    with serve_catalog(Catalog((shorten,)), transport) as server:
        body = {"answer": id, "comment": "x" * 10 * 2**20}
        response = httpx.post(f"{server.url}/v1/feedback", json=body, trust_env=False, timeout=60)
    assert response.status_code == 413 and len(response.text) < 1_000 and said(id) == []
    plait.feedback(id, comment="x" * 10_000)


# ── HTTP and shell ──


def test_a_key_rates_its_own_answers_only(transport: LocalTransport) -> None:
    rules = AccessPolicy.from_settings("127.0.0.1", (), KEYS)
    with serve_catalog(Catalog((shorten,)), transport, rules) as server:
        mine, other = (
            httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"}, trust_env=False)
            for key in KEYS
        )
        id = mine.post("/v1/tasks/shorten", json={"text": "a text"}).json()["id"]
        unknown = id[:-12] + "0" * 12
        body: dict[str, Any] = {"right": True, "user": "anna"}
        foreign, missing = (other.post("/v1/feedback", json={"answer": each, **body}) for each in (id, unknown))
        assert foreign.status_code == missing.status_code == 404
        assert foreign.text.replace(id, "ID") == missing.text.replace(unknown, "ID")
        assert httpx.post(f"{server.url}/v1/feedback", json={"answer": id, **body}).status_code == 401
        stored = mine.post("/v1/feedback", json={"answer": id, **body}).json()
        assert stored["answers"] == [id] and stored["user"] == "anna"
        header = {"x-plait-user": "ben"}
        assert mine.post("/v1/feedback", json={"answer": id, "right": False}, headers=header).json()["user"] == "ben"
        with Client(server.url, key=KEYS[0]):
            plait.feedback(id, score=1)
        paths = mine.get("/openapi.json").json()["paths"]
        assert set(paths["/v1/feedback"]) == {"post"}
        mine.close()
        other.close()
    assert [(row.is_right, row.score, row.person) for row in said(id)] == [
        (True, None, "anna"), (False, None, "ben"), (None, 1.0, ""),
    ]  # fmt: skip


def test_the_shell_rates_an_answer_that_plait_run_has_kept(shell: Shell, tmp_path: Path) -> None:
    file = Path(__file__).parents[1] / "support" / "ledger_tasks.py"
    answered = shell("run", f"{file}:shorten", "--text", "a text", "--detailed", "--json")
    id = json.loads(answered.out)["id"]
    result = shell("feedback", "last", "--right", "--comment", "well done")
    assert (result.code, result.out) == (0, "kept: right, a comment\n") and f"plait correct {id} --right" in result.err
    assert shell("feedback", id, "--score", "0.5").out == "kept: score 0.5\n"
    assert [(row.is_right, row.score, row.comment) for row in said(id)] == [(True, None, "well done"), (None, 0.5, "")]
    other = json.loads(shell("run", f"{file}:shorten", "--text", "a text", "--detailed", "--json").out)["id"]
    assert shell("feedback", other, "--better-than", id).out == f"kept: better than {id}\n"
    assert shell("feedback", id, other, "--wrong").out.startswith("kept: wrong (episode ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("0-0", "--right"), 'no answer with the id "0-0" is known'),
        (("last", "--right"), "plait run has kept no answer"),
        (("0-0",), "feedback says nothing"),
        (("0-0", "--right", "--wrong"), "not both"),
        (("0-0", "--score", "2"), "should be a number from 0 to 1"),
        (("0-0", "--score", "nan"), "should be a number from 0 to 1"),
        (("../../etc/passwd", "--right"), "is known"),
    ],
)
def test_mistakes_on_the_shell_exit_with_two(shell: Shell, arguments: tuple[str, ...], message: str) -> None:
    result = shell("feedback", *arguments)
    assert result.code == 2 and message in result.err and "→" in result.err


def test_the_help_shows_the_command() -> None:
    assert "Say whether an answer is right" in run_plait("--help").out


KILLED = """
import sys, plait
from plait.storage import feedback_table
from tests.support.ledger_tasks import shorten

if {is_late}:  # the negative control: written after the answer, as a queue would
    import threading
    from plait.service import answer_feedback
    store = answer_feedback.store_ratings
    answer_feedback.store_ratings = lambda *parts: threading.Timer(0.2, store, parts).start()
while True:
    id = shorten.detailed("a text").id
    plait.feedback(id, right=True)
    print(id, flush=True)
"""


def lost_feedback(is_late: bool, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    """Feedback that was acknowledged by a process that is killed, and how much of it is not on disk."""
    command = [sys.executable, "-c", KILLED.format(is_late=is_late)]
    environment = {**os.environ, "PLAIT_DATA": str(folder)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout
        acknowledged = [process.stdout.readline().strip() for _ in range(4)]
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += process.stdout.read().split()
    monkeypatch.setenv("PLAIT_DATA", str(folder))
    return len(acknowledged), sum(not said(id) for id in acknowledged)


def test_a_killed_process_loses_no_acknowledged_feedback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count, lost = lost_feedback(False, tmp_path / "one", monkeypatch)
    assert count >= 4 and lost == 0
    _, lost = lost_feedback(True, tmp_path / "late", monkeypatch)
    assert lost > 0, "the test sees feedback that is written too late"
