"""Sources mixed: by weight, every row once an epoch, from a number alone."""

from collections import Counter
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.errors import CheckpointError, InputError
from plait.foundation.data.cursor import Cursor, resume_index
from plait.foundation.data.mixture import BLOCK, MIN_SAMPLES, Mixture, RejectionCounter, WeightedSource, apportion


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


def take(mixture: Mixture[tuple[str, int]], count: int, start: int = 0) -> list[tuple[str, int]]:
    return [mixture.sample(index) for index in range(start, start + count)]


@settings(max_examples=20)
@given(mixtures)
def test_each_epoch_contains_each_row_exactly_once(mixture: Mixture[tuple[str, int]]) -> None:
    samples = take(mixture, 2 * BLOCK)
    for part in mixture.sources:
        places = [place for name, place in samples if name == part.source.name]
        length = part.source.length
        if length is None:
            assert places == list(range(len(places)))
            continue
        for start in range(0, len(places) - length + 1, length):
            assert sorted(places[start : start + length]) == list(range(length))


@settings(max_examples=20)
@given(mixtures)
def test_every_block_contains_each_source_by_its_weight(mixture: Mixture[tuple[str, int]]) -> None:
    whole = sum(part.weight for part in mixture.sources)
    for block in (0, 3):
        counts = Counter(mixture.position(k).source_index for k in range(block * BLOCK, (block + 1) * BLOCK))
        for at, part in enumerate(mixture.sources):
            assert abs(counts[at] - part.weight / whole * BLOCK) <= len(mixture.sources)
            assert counts[at] >= 1


def test_a_source_is_spread_evenly_over_a_block() -> None:
    mixture = Mixture((WeightedSource(Counted("world", None), 3.0), WeightedSource(Counted("own", 9), 1.0)))
    for start in range(0, 4 * BLOCK, 64):
        assert 13 <= sum(mixture.position(k).source_index for k in range(start, start + 64)) <= 19


@given(mixtures, st.integers(0, 10**12))
def test_a_sample_depends_only_on_its_number(mixture: Mixture[tuple[str, int]], k: int) -> None:
    fresh = Mixture(mixture.sources, mixture.seed)
    assert [fresh.sample(k + each) for each in range(5)] == take(mixture, 5, start=k)


@given(mixtures, st.integers(0, 500))
def test_a_resumed_mixture_continues_where_it_stopped(mixture: Mixture[tuple[str, int]], stop: int) -> None:
    position = Cursor.from_mixture(stop, mixture).json_value
    again = Mixture(mixture.sources, mixture.seed)
    assert resume_index(position, again) == stop
    assert take(again, 10, stop) == take(mixture, stop + 10)[stop:]


def test_another_seed_is_another_order() -> None:
    own = (WeightedSource(Counted("own", 500)),)
    assert take(Mixture(own, 1), 50) != take(Mixture(own, 2), 50)


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=30), st.integers(30, 2_000))
def test_shares_are_whole_and_sum_up(weights: list[float], total: int) -> None:
    shares = apportion(weights, total)
    assert sum(shares) == total and min(shares) >= 1
    assert sorted(shares) == [
        shares[at] for at in sorted(range(len(weights)), key=lambda at: (weights[at], shares[at]))
    ]


# ── rows that turn out to be none ──


def test_an_invalid_row_is_rejected_each_time() -> None:
    mixture = Mixture((WeightedSource(Counted("own", 10, broken=frozenset({3}))),))
    rejected: list[str] = []
    for index in range(20):
        try:
            mixture.sample(index)
        except InputError as error:
            rejected.append(error.message)
    assert rejected == ["own:3 picture: is damaged"] * 2


def test_more_than_a_fifth_of_rejected_samples_end_the_run() -> None:
    error = InputError("own:1 picture: is damaged")
    counter = RejectionCounter(num_samples=MIN_SAMPLES - 1, num_rejected=MIN_SAMPLES - 2)
    counter.record(error)  # too few to judge by
    counter = RejectionCounter(num_samples=1_200, num_rejected=239)
    counter.record(error)
    with pytest.raises(InputError) as caught:
        counter.record(error)
    assert caught.value.message == ("241 of 1,200 samples could not be read, the last: own:1 picture: is damaged")
    assert caught.value.hint == "the data changed since it was checked: correct it, then resume"


# ── what is refused ──


def test_an_empty_mixture_is_refused() -> None:
    with pytest.raises(InputError, match="the recipe has no training data"):
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
        "shelf.jsonl (locate) has other content (01234567, now fedcba98)",
    ),
    "a source has more rows": (
        (WeightedSource(Counted(OWN.name, 1_200)), WeightedSource(WORLD)),
        "shelf.jsonl (locate) had 9 rows and has 1,200",
    ),
    "a weight": (
        (WeightedSource(OWN, 0.5), WeightedSource(WORLD)),
        "shelf.jsonl (locate) had the weight 1 and has 0.5",
    ),
    "a source is gone": ((WeightedSource(WORLD),), "shelf.jsonl (locate) is no longer part of the mixture"),
    "a source is new": (
        (WeightedSource(OWN), WeightedSource(WORLD), WeightedSource(Counted("x", 1))),
        "x was not part of the mixture",
    ),
    "the order": ((WeightedSource(WORLD), WeightedSource(OWN)), "the sources are in another order"),
}


@pytest.mark.parametrize("what", CHANGED)
def test_a_run_resumes_only_with_the_same_data(what: str) -> None:
    json_value = Cursor.from_mixture(7, Mixture((WeightedSource(OWN), WeightedSource(WORLD)))).json_value
    assert resume_index(json_value, Mixture((WeightedSource(OWN), WeightedSource(WORLD)))) == 7
    other, change = CHANGED[what]
    with pytest.raises(CheckpointError, match="the data differs from that of the checkpoint") as caught:
        resume_index(json_value, Mixture(other))
    assert caught.value.details == (change,)
    assert caught.value.hint == "restore the old data, or start again with --fresh"


def test_a_run_resumes_after_its_files_moved() -> None:
    rows, others = Counted("/old/rows.jsonl (locate)", 9, "aa"), Counted("/old/others.jsonl (locate)", 7, "bb")
    position = Cursor.from_mixture(7, Mixture((WeightedSource(rows), WeightedSource(others)))).json_value
    moved = tuple(WeightedSource(replace(each, name=each.name.replace("/old", "/new"))) for each in (rows, others))
    assert resume_index(position, Mixture(moved)) == 7
    changed = WeightedSource(replace(rows, name="/new/rows.jsonl (locate)", digest="cc"))
    with pytest.raises(CheckpointError, match="the data differs from that of the checkpoint"):
        resume_index(position, Mixture((changed, moved[1])))


def test_a_run_resumes_only_with_the_same_seed() -> None:
    with pytest.raises(CheckpointError) as caught:
        resume_index(
            Cursor.from_mixture(7, Mixture((WeightedSource(OWN),), 1)).json_value, Mixture((WeightedSource(OWN),), 2)
        )
    assert caught.value.details == ("the seed was 1 and is 2",)
    with pytest.raises(CheckpointError, match="has no position in the data"):
        resume_index({"step": 1}, Mixture((WeightedSource(OWN),)))
