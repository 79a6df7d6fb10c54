"""Requests get slots that hold their own owner's prompts, and never continue another owner's."""

import random
import timeit
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from plait.service.engines.llamacpp.slots import SlotPool, common_length

TOKENS = st.lists(st.integers(0, 2), max_size=12)


@dataclass
class SimulatedServer:
    """Slots with the owner whose prompt they hold. It continues the prompt of a slot unless it is to clear it."""

    owners: dict[int, str] = field(default_factory=dict[int, str])

    def read(self, slot: int, owner: str, *, keep: bool) -> None:
        if keep:
            assert self.owners.get(slot, owner) == owner, "it continues what another owner computed"
        self.owners[slot] = owner


def use(pool: SlotPool, owner: str, tokens: Sequence[int]) -> tuple[int, bool]:
    """One request from beginning to end: the number of its slot, and whether that was cleared."""
    with pool.reserve(owner, tokens) as reservation:
        reservation.confirm()
    return reservation.slot.number, reservation.must_clear


REQUESTS = st.lists(
    st.tuples(st.sampled_from("abcd"), TOKENS, st.sampled_from(["answered", "not sent", "read, not confirmed"])),
    max_size=30,
)


@given(st.integers(1, 4), REQUESTS, st.randoms(use_true_random=False))
def test_no_request_continues_what_another_owner_computed(
    num_slots: int, requests: list[tuple[str, list[int], str]], order: random.Random
) -> None:
    """Requests overlap and end in any order; some are cancelled before the server sees them, or before it answers."""
    pool, server, running = SlotPool(num_slots), SimulatedServer(), list[ExitStack]()
    for owner, tokens, fate in requests:
        while len(running) == num_slots or (running and order.random() < 0.4):
            running.pop(order.randrange(len(running))).close()
        running.append(ExitStack())
        reservation = running[-1].enter_context(pool.reserve(owner, tokens))
        if fate != "not sent":
            server.read(reservation.slot.number, owner, keep=not reservation.must_clear)
        if fate == "answered":
            reservation.confirm()
    for each in running:
        each.close()
    assert len({slot.number for slot in pool.free}) == num_slots


def test_negative_control_a_pool_that_ignores_owners_is_seen() -> None:
    pool, server = SlotPool(1), SimulatedServer()
    use(pool, "a", [1, 2])
    server.read(0, "a", keep=False)
    try:
        server.read(0, "b", keep=True)
    except AssertionError as error:
        assert "another owner" in str(error)
    else:
        raise AssertionError("the simulated server accepts anything")


def test_an_owner_comes_back_to_the_slot_that_shares_most_of_its_prompt() -> None:
    pool = SlotPool(4)
    first, second = list(range(100)), list(range(500, 600))
    assert [use(pool, "a", first), use(pool, "a", second), use(pool, "b", first)] == [(0, True), (1, True), (2, True)]
    assert use(pool, "a", [*second, 7]) == (1, False)
    assert use(pool, "a", [*first[:50], 7]) == (0, False)
    assert use(pool, "b", first) == (2, False)


def test_a_new_owner_gets_an_unused_slot_then_the_least_recently_used_one_which_is_cleared() -> None:
    pool = SlotPool(2)
    assert use(pool, "a", [1]) == (0, True)
    assert use(pool, "b", [1]) == (1, True)
    assert use(pool, "a", [1]) == (0, False)
    assert use(pool, "c", [1]) == (1, True)
    assert use(pool, "b", [1]) == (0, True)


def test_an_owner_without_an_unused_slot_overwrites_its_own() -> None:
    pool = SlotPool(2)
    use(pool, "b", [1])
    use(pool, "a", [1])
    assert use(pool, "a", [9]) == (1, False)


def test_a_busy_slot_is_not_shared() -> None:
    pool = SlotPool(2)
    with pool.reserve("a", [1]) as one, pool.reserve("a", [1]) as other:
        assert {one.slot.number, other.slot.number} == {0, 1}


@given(st.integers(0, 200), TOKENS, TOKENS)
def test_the_common_length_is_that_of_the_longest_common_beginning(same: int, one: list[int], other: list[int]) -> None:
    one, other = [*range(same), *one], [*range(same), *other]
    length = common_length(one, other)
    assert one[:length] == other[:length]
    assert one[length : length + 1] != other[length : length + 1] or length in (len(one), len(other))


def test_a_slot_is_chosen_in_a_fraction_of_a_millisecond() -> None:
    pool, prompt = SlotPool(8), list(range(8_000))
    for number in range(8):
        use(pool, "a", [*prompt[: 700 * number], -number, *prompt])
    assert min(timeit.repeat(lambda: use(pool, "a", prompt), number=1, repeat=20)) < 5e-3
