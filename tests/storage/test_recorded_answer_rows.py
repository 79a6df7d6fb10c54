"""Recorded answers and feedback in SQLite and PostgreSQL: rows, ratings, deletion, checks and backups."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from plait.storage.answer_table import AnswerRow, delete_older, find_row, insert_answers
from plait.storage.backup import back_up
from plait.storage.database import Database, current_database
from plait.storage.feedback_table import FeedbackRow, feedback_on, insert_feedback, rated_answers, verdict
from plait.storage.fsck import check
from plait.storage.person_rows import delete_person, person_rows
from plait.storage.restore import restore
from plait.storage.row_copy import digests
from plait.storage.schema import update_schema, writing

PICTURE = bytes(range(256)) * 16
KEY = ("p-0123456789ab", "t", "f" * 12)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "postgresql":
        request.getfixturevalue("postgresql")
    update_schema.cache_clear()
    yield current_database()
    update_schema.cache_clear()


def answer_row(id: str, person: str = "", at: int = 1, picture: bytes | None = None, content: Any = None) -> AnswerRow:
    inputs: dict[str, Any] = {"text": f"inputs of {id}"}
    if picture is not None:
        inputs["picture"] = "data:image/png;base64," + base64.b64encode(picture).decode()
    body = {"answer": {"n": id}, "inputs": inputs, "seconds": 0.5, "corrections": []} if content is None else content
    return AnswerRow(id, *KEY, "owner", person, "m@1", "", json.dumps(body), at)


def said(id: str, *, right: bool | None = True, person: str = "", comment: str = "", at: int = 1) -> FeedbackRow:
    return FeedbackRow(id, *KEY, "owner", person, right, None, comment, "", "", at)


def add(database: Database, *rows: AnswerRow | FeedbackRow) -> None:
    with writing(database) as connection:
        insert_answers(connection, database.files, [each for each in rows if isinstance(each, AnswerRow)])
        for each in rows:
            if isinstance(each, FeedbackRow):
                insert_feedback(connection, [each])


def test_rows_come_back_and_a_second_write_of_the_same_adds_nothing(database: Database) -> None:
    rows = [answer_row("a"), answer_row("b", picture=PICTURE)]
    add(database, *rows)
    add(database, *rows, answer_row("c"))
    for row in rows:
        found = find_row(database, row.id)
        assert found is not None and json.loads(found.content) == json.loads(row.content)
    assert find_row(database, "d") is None and len(list(database.files.digests())) == 1
    assert check(database) == []


def test_ratings_and_verdicts_are_the_same_in_both(database: Database) -> None:
    add(database, answer_row("a"), answer_row("b", picture=PICTURE), answer_row("c"), said("a"), said("b", right=False))
    rated = rated_answers(database, *KEY)
    assert [(each.id, each.is_right, each.is_held_out) for each in rated] == [("a", True, True), ("b", False, False)]
    assert str(rated[1].inputs["picture"]).startswith("data:image/png") and rated[0].answer == {"n": "a"}
    assert rated_answers(database, "another", *KEY[1:]) == [] and feedback_on(database, "c") == []


def test_old_rows_and_a_person_are_deleted_with_their_files(database: Database) -> None:
    add(
        database, answer_row("a", "anna", 10, PICTURE), answer_row("b", "ben", 20, PICTURE), answer_row("c", "anna", 30)
    )
    add(database, said("a", person="ben", at=10), said("c", person="anna", at=30), said("b", person="anna", at=30))
    with writing(database) as connection:
        assert delete_older(connection, database.files, KEY[0], 15) == 1
        assert delete_older(connection, database.files, "another", 99) == 0
    assert find_row(database, "a") is None and feedback_on(database, "a") == []
    assert len(list(database.files.digests())) == 1, "another answer needs the picture"
    found = delete_person(database, "anna")
    assert (found.answers, found.feedback, found.example_ids) == (1, 2, ())
    assert person_rows(database, "anna").is_empty and find_row(database, "b") is not None
    delete_person(database, "ben")
    assert list(database.files.digests()) == [] and check(database) == []


def test_a_damaged_answer_is_taken_out_and_stays(database: Database) -> None:
    add(database, answer_row("a"), answer_row("b", picture=PICTURE), said("a"))
    with database.write() as connection:
        connection.execute(text("UPDATE answers SET content = 'no json' WHERE id = 'a'"))
    (sha256,) = database.files.digests()
    database.files.path(sha256).write_bytes(b"x")
    faults = [str(each) for each in check(database, repair=True)]
    assert any("answer a is not a row with an answer: 1 answers taken out" in each for each in faults)
    assert any("instead of 4,096 bytes" in each or "has 1 bytes" in each for each in faults) and len(faults) == 2
    assert check(database) == [] and find_row(database, "a") is None and rated_answers(database, *KEY) == []
    with database.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM answers")) == 2


def test_a_backup_takes_answers_and_feedback_back(database: Database, tmp_path: Path) -> None:
    add(database, answer_row("a", "anna", picture=PICTURE), said("a", comment="<b> \u4e2d"), said("a", right=None))
    with database.read() as connection:
        before = digests(connection)
    assert before["answers"].rows == 1 and before["feedback"].rows == 2 and before["answer_files"].rows == 1
    back_up(database, tmp_path / "b.tar")
    delete_person(database, "anna")
    restore(database, tmp_path / "b.tar", replace=True)
    with current_database().read() as connection:
        assert digests(connection) == before
    row = find_row(current_database(), "a")
    assert row is not None and json.loads(row.content) == json.loads(answer_row("a", picture=PICTURE).content)
    assert check(current_database()) == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
PICTURES = st.binary(min_size=900, max_size=2_000).map(lambda b: "data:a/b;base64," + base64.b64encode(b).decode())


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inputs=st.dictionaries(st.text(), JSON | PICTURES, max_size=4), answer=JSON | PICTURES)
def test_any_content_comes_back_as_it_was(inputs: Any, answer: Any) -> None:
    database, content = current_database(), {"inputs": inputs, "answer": answer}
    id = uuid4().hex
    add(database, answer_row(id, content=content))
    found = find_row(database, id)
    assert found is not None and json.loads(found.content) == content


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([True, False, None])), max_size=12))
def test_a_verdict_is_right_only_if_every_last_word_is(words: list[tuple[str, bool | None]]) -> None:
    last = {person: right for person, right in words if right is not None}
    expected = None if not last else all(last.values())
    assert verdict([said("a", right=right, person=person) for person, right in words]) == expected
