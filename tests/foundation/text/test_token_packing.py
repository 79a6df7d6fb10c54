"""Rows of tokens: written, read, refused; batches hold every row once an epoch, shared beginnings once."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import InputError
from plait.foundation.text.adapt_request import SftConfig
from plait.foundation.text.batch_plan import batch_plan, num_computed, row_groups, token_counts, usual_epochs
from plait.foundation.text.packing import TokenBatch, pack_rows
from plait.foundation.text.prefix_tree import MIN_SHARED, PrefixTree
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


@st.composite
def families(draw: st.DrawFn) -> list[TokenRow]:
    """Rows that begin alike, in part much longer than MIN_SHARED, in part equal or one the beginning of another."""
    stems = draw(st.lists(st.lists(st.integers(0, 2), max_size=3 * MIN_SHARED), min_size=1, max_size=3))
    rows = draw(st.lists(st.tuples(st.sampled_from(stems), token_rows()), min_size=1, max_size=8))
    return [TokenRow((1, *stem, *row.prompt), row.answer, row.learned) for stem, row in rows]


def whole_rows(batch: TokenBatch) -> set[tuple[int, ...]]:
    """The rows that a batch spells: each piece that nothing continues, after all that it continues."""
    pieces = batch.token_ids.split(batch.documents.lengths)
    spelt: list[tuple[int, ...]] = []
    for piece, parent in zip(pieces, batch.documents.parents, strict=True):
        spelt.append((*(spelt[parent] if parent >= 0 else ()), *piece.tolist()))
    return {row for number, row in enumerate(spelt) if number not in batch.documents.parents}


@given(families(), st.booleans())
def test_a_batch_spells_its_rows_and_predicts_each_learned_token_from_the_one_before(
    rows: list[TokenRow], sharing: bool
) -> None:
    batch = pack_rows(rows, sharing=sharing)
    tokens, places = batch.token_ids, batch.documents.positions
    assert whole_rows(batch) <= {row.token_ids for row in rows}
    assert all(any(spelt[: len(row.token_ids)] == row.token_ids for spelt in whole_rows(batch)) for row in rows)
    before = [row.token_ids[index] for row in rows for index in row.predicting]
    assert tokens[batch.predicting].tolist() == before if before else not len(batch.predicting)
    assert places[batch.predicting].tolist() == [index for row in rows for index in row.predicting] if before else True
    assert batch.targets.tolist() == [row.answer[index] for row in rows for index in row.learned]


@given(families())
def test_the_tokens_of_every_row_are_found_in_its_tree(rows: list[TokenRow]) -> None:
    tree = PrefixTree.grow([row.token_ids for row in rows])
    for row, places in zip(rows, tree.places, strict=True):
        assert tuple(tree.token_ids[place] for place in places) == row.token_ids
    assert all(parent < number for number, parent in enumerate(tree.parents))
    assert tree.num_tokens <= PrefixTree.apart([row.token_ids for row in rows]).num_tokens


def test_a_beginning_that_rows_share_is_computed_once() -> None:
    house = tuple(range(100))
    rows = [(*house, 200, number, number) for number in range(5)]
    tree = PrefixTree.grow(rows)
    assert (tree.num_tokens, tree.lengths) == (101 + 5 * 2, (101, 2, 2, 2, 2, 2))
    assert PrefixTree.apart(rows).num_tokens == 5 * 103


@given(families(), st.integers(1, 4), st.integers(0, 3), st.booleans())
def test_every_row_is_in_one_batch_of_each_epoch(
    several: list[TokenRow], epochs: int, seed: int, sharing: bool
) -> None:
    rows, limit = [row.token_ids for row in several], 150
    plan = batch_plan(rows, limit, epochs, seed, sharing=sharing)
    assert sorted(row for batch in plan for row in batch) == sorted(list(range(len(rows))) * epochs)
    for batch in plan:
        members = [rows[row] for row in batch]
        costs = num_computed(members) if sharing else sum(map(len, members))
        assert len(batch) == 1 or costs <= limit + MIN_SHARED * len(batch) * sharing
    assert plan == batch_plan(rows, limit, epochs, seed, sharing=sharing)
    first = [row for batch in plan for row in batch][: len(rows)]
    assert sorted(first) == list(range(len(rows))), "an epoch ends before the next one begins"


def test_rows_of_one_house_stay_together_up_to_half_a_batch() -> None:
    rows = [(house, *range(house, house + 40), sentence) for sentence in range(9) for house in (1, 50)]
    assert sorted(map(len, row_groups(rows, 98, 100))) == [1, 1, 8, 8]
    assert sorted(map(len, row_groups(rows, 98, 8))) == [1, 1, 4, 4, 4, 4], "and up to half of its rows"


def test_few_rows_are_read_often_in_small_batches() -> None:
    house = tuple(range(100))
    few, many = ([(*house, 200, number) for number in range(count)] for count in (20, 6_000))
    assert usual_epochs(few, 1_600) == 12 and len(batch_plan(few, 1_600, 12, 0)) == 60
    assert usual_epochs(many, 1_600) == 1 and usual_epochs([house], 1_600) == 20
    read, computed = token_counts(few, SftConfig())
    assert (read, computed) == (12 * 20 * 102, 60 * (101 + 4))
    assert token_counts(few, SftConfig(share_prefixes=False, epochs=2)) == (2 * 20 * 102, 2 * 20 * 102)
