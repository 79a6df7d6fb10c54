"""The batches of a run: which rows are computed together, and how many tokens that takes.

Rows of one task begin alike: with the instruction, and often with the same inputs (the devices of one house). The
hidden states of a beginning do not depend on what follows, so a batch computes it once (prefix_tree.py). Rows that
share much therefore stay together. All batches follow from rows, limit and seed, so a run resumes at any step.
"""

from collections.abc import Sequence
from random import Random

from plait.foundation.text.prefix_tree import MIN_SHARED, PrefixTree, num_shared


def batch_plan(
    rows: Sequence[tuple[int, ...]], max_tokens: int, epochs: int, seed: int, *, sharing: bool = True
) -> list[tuple[int, ...]]:
    """The numbers of the rows of each batch of all epochs; every row is in one batch of each epoch.

    A batch computes at most `max_tokens` tokens (or one row), give or take MIN_SHARED for each group. Rows that share
    more than half of a row are a group; the order of groups differs from epoch to epoch. Without `sharing` each row is
    one.
    """
    groups = row_groups(rows, max_tokens) if sharing else [(number,) for number in range(len(rows))]
    common = shared_by_all(rows) if sharing else 0
    costs = [PrefixTree.grow([rows[number] for number in group]).num_tokens - common for group in groups]
    random = Random(f"batches {seed}")
    plan: list[tuple[int, ...]] = []
    for _ in range(epochs):
        order = list(range(len(groups)))
        random.shuffle(order)
        batches = filled_batches(order, costs, max_tokens - common)
        plan += [tuple(row for group in batch for row in groups[group]) for batch in batches]
    return plan


def shared_by_all(rows: Sequence[tuple[int, ...]]) -> int:
    """The number of tokens with which all rows begin."""
    shared = num_shared(min(rows), max(rows)) if len(rows) > 1 else 0
    return shared if shared >= MIN_SHARED else 0


def num_computed(rows: Sequence[tuple[int, ...]], plan: Sequence[tuple[int, ...]]) -> int:
    """How many tokens the batches compute, each shared beginning once."""
    return sum(PrefixTree.grow([rows[number] for number in batch]).num_tokens for batch in plan)


def row_groups(rows: Sequence[tuple[int, ...]], max_tokens: int) -> list[tuple[int, ...]]:
    """Numbers of rows that share more than half of the shorter one, in groups that fit into half a batch."""
    order = sorted(range(len(rows)), key=lambda number: rows[number])
    groups: list[list[int]] = []
    used = 0
    for number in order:
        row = rows[number]
        shared = num_shared(rows[groups[-1][-1]], row) if groups else 0
        joins = groups and 2 * shared > min(len(row), len(rows[groups[-1][-1]]))
        added = len(row) - shared if joins else len(row)
        if joins and used + added <= max_tokens // 2:
            groups[-1].append(number)
            used += added
        else:
            groups.append([number])
            used = len(row)
    return [tuple(group) for group in groups]


def filled_batches(order: Sequence[int], costs: Sequence[int], max_tokens: int) -> list[tuple[int, ...]]:
    """Consecutive groups, as many in each batch as fit."""
    batches: list[tuple[int, ...]] = []
    batch: list[int] = []
    used = 0
    for group in order:
        if batch and used + costs[group] > max_tokens:
            batches.append(tuple(batch))
            batch, used = [], 0
        batch.append(group)
        used += costs[group]
    return [*batches, tuple(batch)] if batch else batches
