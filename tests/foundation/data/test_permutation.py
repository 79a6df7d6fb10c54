"""Orders that are computed."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from plait.foundation.data.permutation import hash64, permuted_index


@given(st.integers(1, 700), st.integers(0, 2**63 - 1), st.integers(0, 1000))
def test_a_permutation_is_a_bijection(length: int, seed: int, epoch: int) -> None:
    assert sorted(permuted_index(place, length, seed, epoch) for place in range(length)) == list(range(length))


def test_another_key_is_another_order() -> None:
    orders = {
        tuple(permuted_index(place, 100, seed, epoch) for place in range(100))
        for seed in range(5)
        for epoch in range(5)
    }
    assert len(orders) == 25


def test_every_index_maps_to_every_place_about_equally_often() -> None:
    for length in (3, 10, 37):
        counts = Counter((place, permuted_index(place, length, key)) for key in range(600) for place in range(length))
        mean = 600 / length
        spread = sum((counts[one, other] - mean) ** 2 / mean for one in range(length) for other in range(length))
        # Chi-squared of a Latin square has (length - 1)² degrees of freedom: twice that is far out.
        assert spread < 2 * (length - 1) ** 2 + 10


def test_hash_values_never_change() -> None:
    # A run that goes on under a later version of Plait must find the order that it left.
    assert hash64(0) == 0x18CC49CA5BEA08CA and hash64(1, -2, 3) == 4627714699138750369
    assert [permuted_index(place, 10, 7) for place in range(10)] == [7, 6, 5, 1, 3, 2, 8, 9, 0, 4]
