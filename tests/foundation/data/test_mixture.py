"""Sources mixed: by weight, every row once an epoch, from a number alone."""

from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.errors import CheckpointError, InputError
from plait.foundation.data.cursor import Cursor, resume_index
from plait.foundation.data.mixture import BLOCK, Mixture, WeightedSource, apportion


@dataclass(frozen=True)
class Counted:
    """A source of the places themselves; those in `broken` turn out to be none."""

    name: str
    length: int | None
    digest: str = "0123456789abcdef"
    broken: frozenset[int] = frozenset()

    def sample(self, index: int) -> tuple[str, int]:
        assert self.length is None or 0 <= index < self.length
        if index in self.broken:
            raise InputError(f"{self.name}:{index} picture: is damaged")
        return self.name, index


weights = st.floats(0.01, 100)
lengths = st.none() | st.integers(1, 40)
parts = st.lists(st.tuples(lengths, weights), min_size=1, max_size=4).map(
    lambda drawn: tuple(WeightedSource(Counted(f"s{at}", length), weight) for at, (length, weight) in enumerate(drawn))
)
mixtures = st.builds(Mixture, parts, st.integers(0, 2**63 - 1))


def taken(mixture: Mixture[tuple[str, int]], count: int, **at: int) -> list[tuple[str, int]]:
    return [drawn.sample for drawn in islice(mixture.stream(**at), count)]


@settings(max_examples=20)
@given(mixtures)
def test_each_epoch_sees_each_row_exactly_once(mixture: Mixture[tuple[str, int]]) -> None:
    drawn = taken(mixture, 2 * BLOCK)
    for part in mixture.sources:
        places = [place for name, place in drawn if name == part.source.name]
        length = part.source.length
        if length is None:
            assert places == list(range(len(places)))
            continue
        for start in range(0, len(places) - length + 1, length):
            assert sorted(places[start : start + length]) == list(range(length))


@settings(max_examples=20)
@given(mixtures)
def test_every_block_holds_the_weights_shares(mixture: Mixture[tuple[str, int]]) -> None:
    whole = sum(part.weight for part in mixture.sources)
    for block in (0, 3):
        counts = Counter(mixture.position(k).source_index for k in range(block * BLOCK, (block + 1) * BLOCK))
        for at, part in enumerate(mixture.sources):
            assert abs(counts[at] - part.weight / whole * BLOCK) <= len(mixture.sources)
            assert counts[at] >= 1


def test_a_source_is_spread_evenly_and_not_in_a_lump() -> None:
    mixture = Mixture((WeightedSource(Counted("world", None), 3.0), WeightedSource(Counted("own", 9), 1.0)))
    for start in range(0, 4 * BLOCK, 64):
        assert 13 <= sum(mixture.position(k).source_index for k in range(start, start + 64)) <= 19


@given(mixtures, st.integers(0, 10**12))
def test_a_sample_follows_from_its_number_alone(mixture: Mixture[tuple[str, int]], k: int) -> None:
    fresh = Mixture(mixture.sources, mixture.seed)
    assert [fresh.sample(k + each) for each in range(5)] == taken(mixture, 5, start=k)


@given(mixtures, st.integers(1, 5), st.integers(0, 300))
def test_ranks_share_the_samples_between_them(mixture: Mixture[tuple[str, int]], of: int, start: int) -> None:
    by_rank = [list(islice(mixture.stream(start, rank, of), 20)) for rank in range(of)]
    together = sorted((drawn for each in by_rank for drawn in each), key=lambda drawn: drawn.index)
    assert [drawn.index for drawn in together] == list(range(start, start + 20 * of))
    assert [drawn.sample for drawn in together] == taken(mixture, 20 * of, start=start)


@given(mixtures, st.integers(0, 500), st.integers(1, 3))
def test_a_resumed_stream_goes_on_where_it_stopped(mixture: Mixture[tuple[str, int]], stop: int, of: int) -> None:
    stream = mixture.stream(rank=of - 1, num_ranks=of)
    before = [next(stream) for _ in range(stop % 50 + 1)]
    wire = Cursor.from_mixture(before[-1].index + of, mixture).json_value
    again = mixture.stream(resume_index(wire, Mixture(mixture.sources, mixture.seed)), of - 1, of)
    assert [next(again) for _ in range(10)] == [next(stream) for _ in range(10)]


def test_another_seed_is_another_order() -> None:
    own = (WeightedSource(Counted("own", 500)),)
    assert taken(Mixture(own, 1), 50) != taken(Mixture(own, 2), 50)


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30), st.integers(30, 2_000))
def test_shares_are_whole_and_sum_up(weights: list[float], total: int) -> None:
    found = apportion(weights, total)
    assert sum(found) == total and min(found) >= 1
    assert sorted(found) == [found[at] for at in sorted(range(len(weights)), key=lambda at: (weights[at], found[at]))]


# ── rows that turn out to be none ──


def test_a_refused_sample_is_told_and_passed_over() -> None:
    mixture = Mixture((WeightedSource(Counted("own", 10, broken=frozenset({3}))),))
    told: list[str] = []
    drawn = list(islice(mixture.stream(tell=told.append), 18))
    assert told == ["own:3 picture: is damaged"] * 2
    assert Counter(each.sample[1] for each in drawn) == {place: 2 for place in range(10) if place != 3}
    assert len({each.index for each in drawn} | {0}) >= 18 and drawn[-1].index in (18, 19)


def test_too_many_refused_samples_end_the_run() -> None:
    mixture = Mixture((WeightedSource(Counted("own", 10, broken=frozenset({1, 3, 5}))),))
    with pytest.raises(InputError, match=r"samples could not be read, the last: own:\d picture: is damaged") as caught:
        taken(mixture, 200)
    assert caught.value.hint == "the data changed since it was checked: mend it, then resume"
    a_fifth = Mixture((WeightedSource(Counted("own", 10, broken=frozenset({1}))),))
    assert len(taken(a_fifth, 200)) == 200


# ── what is refused ──


def test_a_mixture_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="there is nothing to learn from"):
        Mixture(())
    with pytest.raises(InputError, match="own has no rows"):
        Mixture((WeightedSource(Counted("own", 0)),))
    for weight in (0.0, -1.0, float("nan")):
        with pytest.raises(InputError, match="own has the weight"):
            Mixture((WeightedSource(Counted("own", 1), weight),))


OWN, WORLD = Counted("shelf.jsonl (locate)", 9), Counted("worlds", None)
CHANGED = {
    "a source says something else": (
        (WeightedSource(Counted(OWN.name, 9, "fedcba9876543210")), WeightedSource(WORLD)),
        "shelf.jsonl (locate) says something else than it did (01234567, now fedcba98)",
    ),
    "a source has more rows": (
        (WeightedSource(Counted(OWN.name, 1_200)), WeightedSource(WORLD)),
        "shelf.jsonl (locate) had 9 rows and has 1,200",
    ),
    "a weight": (
        (WeightedSource(OWN, 0.5), WeightedSource(WORLD)),
        "shelf.jsonl (locate) had the weight 1 and has 0.5",
    ),
    "a source is gone": ((WeightedSource(WORLD),), "shelf.jsonl (locate) was mixed in and is not"),
    "a source is new": (
        (WeightedSource(OWN), WeightedSource(WORLD), WeightedSource(Counted("x", 1))),
        "x is mixed in and was not",
    ),
    "the order": ((WeightedSource(WORLD), WeightedSource(OWN)), "the sources stand in another order"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_run_goes_on_with_the_same_data_alone(what: str) -> None:
    wire = Cursor.from_mixture(7, Mixture((WeightedSource(OWN), WeightedSource(WORLD)))).json_value
    assert resume_index(wire, Mixture((WeightedSource(OWN), WeightedSource(WORLD)))) == 7
    other, told = CHANGED[what]
    with pytest.raises(CheckpointError, match="the data is not what the checkpoint was made with") as caught:
        resume_index(wire, Mixture(other))
    assert caught.value.details == (told,)
    assert caught.value.hint == "bring the old data back, or train anew"


def test_a_run_goes_on_after_its_files_moved() -> None:
    rows, others = Counted("/old/rows.jsonl (locate)", 9, "aa"), Counted("/old/others.jsonl (locate)", 7, "bb")
    position = Cursor.from_mixture(7, Mixture((WeightedSource(rows), WeightedSource(others)))).json_value
    moved = tuple(WeightedSource(replace(each, name=each.name.replace("/old", "/new"))) for each in (rows, others))
    assert resume_index(position, Mixture(moved)) == 7
    changed = WeightedSource(replace(rows, name="/new/rows.jsonl (locate)", digest="cc"))
    with pytest.raises(CheckpointError, match="the data is not what the checkpoint was made with"):
        resume_index(position, Mixture((changed, moved[1])))


def test_a_run_goes_on_with_the_same_seed_alone() -> None:
    with pytest.raises(CheckpointError) as caught:
        resume_index(
            Cursor.from_mixture(7, Mixture((WeightedSource(OWN),), 1)).json_value, Mixture((WeightedSource(OWN),), 2)
        )
    assert caught.value.details == ("the seed was 1 and is 2",)
    with pytest.raises(CheckpointError, match="does not say where in the data it stands"):
        resume_index({"step": 1}, Mixture((WeightedSource(OWN),)))
