"""Rows of tokens: written, read, refused; batches hold every row once an epoch, without padding."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import InputError
from plait.foundation.text.packing import batch_plan, pack_rows
from plait.foundation.text.token_row import TokenRow, read_token_rows, write_token_rows

ids = st.integers(0, 99)


@st.composite
def token_rows(draw: st.DrawFn) -> TokenRow:
    answer = draw(st.lists(ids, min_size=1, max_size=6))
    learned = draw(st.sets(st.integers(0, len(answer) - 1)))
    return TokenRow(tuple(draw(st.lists(ids, min_size=1, max_size=9))), tuple(answer), tuple(sorted(learned)))


@given(st.lists(token_rows(), max_size=5))
def test_rows_are_read_as_they_were_written(rows: list[TokenRow]) -> None:
    with TemporaryDirectory() as folder:
        first = write_token_rows(Path(folder, "rows.jsonl"), rows)
        assert read_token_rows(Path(folder, "rows.jsonl"), 100) == tuple(rows)
        assert write_token_rows(Path(folder, "again.jsonl"), rows) == first


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "is no row of tokens"),
        ('{"prompt":[1],"answer":[2]}', "is no row of tokens: Field required"),
        ('{"prompt":[1],"answer":[100],"learned":[0]}', r"or others than those of the model \(100\)"),
        ('{"prompt":[-1],"answer":[2],"learned":[0]}', r"or others than those of the model"),
        ('{"prompt":[1],"answer":[],"learned":[]}', "has no tokens"),
        ('{"prompt":[1],"answer":[2],"learned":[1]}', "learns a token that its answer does not have"),
    ],
)
def test_a_row_that_does_not_fit_the_model_is_refused_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "rows.jsonl").write_text('{"prompt":[1],"answer":[2],"learned":[0]}\n' + line + "\n")
    with pytest.raises(InputError, match=message) as caught:
        read_token_rows(tmp_path / "rows.jsonl", 100)
    assert "rows.jsonl:2 " in str(caught.value)


@given(st.lists(token_rows(), min_size=1, max_size=6))
def test_a_batch_predicts_each_learned_token_from_the_one_before(rows: list[TokenRow]) -> None:
    batch = pack_rows(rows)
    tokens = batch.token_ids.tolist()
    assert tokens == [id for row in rows for id in row.token_ids]
    assert [tokens[index + 1] for index in batch.predicting.tolist()] == batch.targets.tolist()
    assert batch.targets.tolist() == [row.answer[index] for row in rows for index in row.learned]
    assert batch.documents.lengths == tuple(len(row.token_ids) for row in rows)


@given(st.lists(st.integers(1, 60), min_size=1, max_size=30), st.integers(1, 4), st.integers(0, 3))
def test_every_row_is_in_one_batch_of_each_epoch(lengths: list[int], epochs: int, seed: int) -> None:
    plan = batch_plan(lengths, 100, epochs, seed)
    assert sorted(row for batch in plan for row in batch) == sorted(list(range(len(lengths))) * epochs)
    assert all(len(batch) == 1 or sum(lengths[row] for row in batch) <= 100 for batch in plan)
    assert plan == batch_plan(lengths, 100, epochs, seed)
    first = [row for batch in plan for row in batch][: len(lengths)]
    assert sorted(first) == list(range(len(lengths))), "an epoch ends before the next one begins"
