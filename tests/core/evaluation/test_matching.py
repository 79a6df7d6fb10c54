"""The pairing of items, held against all permutations."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from plait.core.evaluation.matching import best_pairs

gains = st.integers(1, 5).flatmap(
    lambda width: st.lists(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=width, max_size=width), max_size=5)
)


def best_sum(gain: list[list[float]]) -> float:
    if not gain:
        return 0.0
    if len(gain) > len(gain[0]):
        gain = [[row[column] for row in gain] for column in range(len(gain[0]))]
    columns = range(len(gain[0]))
    return max(sum(gain[row][to] for row, to in enumerate(order)) for order in permutations(columns, len(gain)))


@given(gains)
def test_the_matching_is_the_best_permutation(gain: list[list[float]]) -> None:
    pairs = best_pairs(gain)
    assert sum(value for *_, value in pairs) == best_sum(gain)
    rows, columns = [row for row, _, _ in pairs], [column for _, column, _ in pairs]
    assert rows == sorted(set(rows)) and len(set(columns)) == len(columns)
    assert all(gain[row][column] == value > 0 for row, column, value in pairs)
