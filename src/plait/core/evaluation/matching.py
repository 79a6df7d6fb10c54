"""Matching of two lists regardless of order: the pairing with the highest total gain.

The Hungarian method with potentials and shortest augmenting paths (Jonker and Volgenant 1987), cubic in the shorter
list. Implemented here because core depends on the standard library alone; tests compare it with all permutations.
"""

from collections.abc import Sequence

Pairing = list[tuple[int, int, float]]


def best_pairs(gain: Sequence[Sequence[float]]) -> Pairing:
    """(row, column, gain) of each pair of the best pairing, in row order. Pairs without gain are left out."""
    if not gain or not gain[0]:
        return []
    if len(gain) > len(gain[0]):
        turned = best_pairs([[row[column] for row in gain] for column in range(len(gain[0]))])
        return sorted((column, row, value) for row, column, value in turned)
    columns = min_cost_assignment([[-value for value in row] for row in gain])
    return [(row, column, gain[row][column]) for row, column in enumerate(columns) if gain[row][column] > 0]


def min_cost_assignment(cost: Sequence[Sequence[float]]) -> list[int]:
    """The column of each row in the cheapest assignment. Needs at least as many columns as rows."""
    width = len(cost[0])
    of_row, of_column = [0.0] * (len(cost) + 1), [0.0] * (width + 1)
    row_at = [0] * (width + 1)  # the row that a column is given to, counted from 1; column 0 holds the row to be placed
    for row in range(1, len(cost) + 1):
        row_at[0] = row
        came_from = [0] * (width + 1)
        slack = [float("inf")] * (width + 1)
        seen = [False] * (width + 1)
        column = 0
        while row_at[column]:
            seen[column] = True
            here, least, following = row_at[column], float("inf"), 0
            for other in range(1, width + 1):
                if seen[other]:
                    continue
                reduced = cost[here - 1][other - 1] - of_row[here] - of_column[other]
                if reduced < slack[other]:
                    slack[other], came_from[other] = reduced, column
                if slack[other] < least:
                    least, following = slack[other], other
            for other in range(width + 1):
                if seen[other]:
                    of_row[row_at[other]] += least
                    of_column[other] -= least
                else:
                    slack[other] -= least
            column = following
        while column:
            row_at[column] = row_at[came_from[column]]
            column = came_from[column]
    assigned = {row: column for column, row in enumerate(row_at) if column and row}
    return [assigned[row] - 1 for row in range(1, len(cost) + 1)]
