"""Rows of an examples file: an invalid one is reported with its line, an outdated one is skipped."""

import pytest

from plait.core.errors import InputError, error_text
from plait.core.task.task import Task
from tests.support.shout_examples import nearest_answers, write_seeds


def test_a_row_of_an_earlier_form_of_the_task_that_no_longer_fits_is_skipped(shout: Task[..., str]) -> None:
    file = write_seeds('{"text": "a", "answer": "A"}', '{"loud":"b","answer":"B","fingerprint":"0123456789ab"}')
    assert [example.answer for example in shout.examples] == ["A"] and shout.examples.count == 2
    file.write_text('{"loud":"b","answer":"B"}\n', "utf-8")
    with pytest.raises(InputError, match="is not an example"):
        list(shout.examples)


def test_an_invalid_line_is_reported_until_it_is_corrected(shout: Task[..., str]) -> None:
    file = write_seeds('{"text": "a", "answer": "A"}', "this line is broken")
    for _ in range(2):
        with pytest.raises(InputError, match=r"seeds/shout\.jsonl:2 is not JSON"):
            nearest_answers(shout, "a", 1)
    file.write_text('{"text": "a", "answer": "A"}\n{"text": "b", "answer": "B"}', "utf-8")
    assert nearest_answers(shout, "b", 2) == ["B", "A"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ('{"text": "a"}', "has no answer"),
        ("[]", "has no answer"),
        ('{"text": "a", "answer": 1}', "has an invalid answer\n    answer: should be a text    1"),
        ('{"answer": "A"}', "is not an example\n    text: is missing"),
        ('{"text": "a", "times": "x", "answer": "A"}', "is not an example\n    times: should be a whole number"),
    ],
)
def test_an_invalid_row_is_reported_with_its_line(shout: Task[..., str], row: str, message: str) -> None:
    write_seeds('{"text": "a", "answer": "A"}', row)
    with pytest.raises(InputError) as caught:
        list(shout.examples)
    assert f"seeds/shout.jsonl:2 {message}" in error_text(caught.value)


def test_invalid_utf8_is_reported_with_its_line(shout: Task[..., str]) -> None:
    write_seeds("").write_bytes(b'{"text": "\xff", "answer": "A"}')
    with pytest.raises(InputError, match=r"shout\.jsonl:1 is not JSON"):
        list(shout.examples)
