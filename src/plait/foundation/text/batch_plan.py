"""The batches of a run: which rows are computed together, and how many tokens that takes.

Rows of one task begin alike: with the instruction, and often with the same inputs (the devices of one house). The
hidden states of a beginning do not depend on what follows, so a batch computes it once (prefix_tree.py). Rows that
share much therefore stay together. All batches follow from rows, limit and seed, so a run resumes at any step.
"""

from collections.abc import Sequence
from random import Random

from plait.foundation.text.adapt_request import AdaptConfig
from plait.foundation.text.prefix_tree import MIN_SHARED, PrefixTree, num_shared

MIN_BATCHES = 60  # that a run should have
MIN_ROWS = 4  # that a batch may have
MAX_EPOCHS = 20


def batch_plan(
    rows: Sequence[tuple[int, ...]], max_tokens: int, epochs: int, seed: int, *, sharing: bool = True
) -> list[tuple[int, ...]]:
    """The numbers of the rows of each batch of all epochs; every row is in one batch of each epoch.

    A batch computes at most `max_tokens` tokens (or one row), give or take MIN_SHARED for each group, and few rows have
    small batches. Rows that share more than half of a row are a group; the order of groups differs from epoch to epoch.
    Without `sharing` each row is one.
    """
    max_rows = max(MIN_ROWS, len(rows) // MIN_BATCHES)
    groups = row_groups(rows, max_tokens, max_rows) if sharing else [(number,) for number in range(len(rows))]
    common = shared_by_all(rows) if sharing else 0
    costs = [num_computed([rows[number] for number in group]) - common for group in groups]
    random = Random(f"batches {seed}")
    plan: list[tuple[int, ...]] = []
    for _ in range(epochs):
        order = list(range(len(groups)))
        random.shuffle(order)
        batches = filled_batches(order, [*map(len, groups)], costs, max_rows, max_tokens - common)
        plan += [tuple(row for group in batch for row in groups[group]) for batch in batches]
    return plan


def config_plan(rows: Sequence[tuple[int, ...]], config: AdaptConfig) -> list[tuple[int, ...]]:
    """The batches of the steps of a run with this configuration."""
    sharing = config.share_prefixes
    epochs = config.epochs or usual_epochs(rows, config.batch_tokens, sharing=sharing)
    plan = batch_plan(rows, config.batch_tokens, epochs, config.seed, sharing=sharing)
    return [batch for batch in plan for _ in range(config.steps_per_batch)]


def shared_by_all(rows: Sequence[tuple[int, ...]]) -> int:
    """The number of tokens with which all rows begin."""
    shared = num_shared(min(rows), max(rows)) if len(rows) > 1 else 0
    return shared if shared >= MIN_SHARED else 0


def token_counts(rows: Sequence[tuple[int, ...]], config: AdaptConfig) -> tuple[int, int]:
    """How many tokens all batches of a run read, and how many they compute: each shared beginning once."""
    batches = [[rows[number] for number in batch] for batch in config_plan(rows, config)]
    read = sum(len(row) for batch in batches for row in batch)
    return read, sum(map(num_computed, batches)) if config.share_prefixes else read


def num_computed(rows: Sequence[tuple[int, ...]]) -> int:
    """How many tokens a batch of these rows computes."""
    return PrefixTree.grow(rows).num_tokens


def usual_epochs(rows: Sequence[tuple[int, ...]], max_tokens: int, *, sharing: bool = True) -> int:
    """How often to read rows so that there are MIN_BATCHES batches: few rows teach nothing in a few steps."""
    count = len(batch_plan(rows, max_tokens, 1, 0, sharing=sharing)) if rows else 1
    return min(-(-MIN_BATCHES // count), MAX_EPOCHS)


def row_groups(rows: Sequence[tuple[int, ...]], max_tokens: int, max_rows: int) -> list[tuple[int, ...]]:
    """Numbers of rows that share more than half of the shorter one, in groups that fit into half a batch."""
    order = sorted(range(len(rows)), key=lambda number: rows[number])
    groups: list[list[int]] = []
    used = 0
    for number in order:
        row = rows[number]
        shared = num_shared(rows[groups[-1][-1]], row) if groups else 0
        joins = groups and 2 * shared > min(len(row), len(rows[groups[-1][-1]]))
        added = len(row) - shared if joins else len(row)
        if joins and used + added <= max_tokens // 2 and len(groups[-1]) < max_rows // 2:
            groups[-1].append(number)
            used += added
        else:
            groups.append([number])
            used = len(row)
    return [tuple(group) for group in groups]


def filled_batches(
    order: Sequence[int], sizes: Sequence[int], costs: Sequence[int], max_rows: int, max_tokens: int
) -> list[tuple[int, ...]]:
    """Consecutive groups, as many in each batch as fit by their sizes in rows and their costs in tokens."""
    batches: list[tuple[int, ...]] = []
    batch: list[int] = []
    rows = tokens = 0
    for group in order:
        if batch and (rows + sizes[group] > max_rows or tokens + costs[group] > max_tokens):
            batches.append(tuple(batch))
            batch, rows, tokens = [], 0, 0
        batch.append(group)
        rows += sizes[group]
        tokens += costs[group]
    return [*batches, tuple(batch)] if batch else batches
