"""Logistic regression with a bias per group, by Newton's method; core depends on the standard library alone.

The weights and the bias are fitted together, then the bias of each group, in turns. The penalty keeps a group with few
rows near the others; two rows of doubt, one right and one wrong, keep a task that is never right away from certainty.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from plait.core.engine.calibration import LogisticModel, logistic

TURNS = 40
PENALTY = 0.1  # of weights
GROUP_PENALTY = 1.0


@dataclass(frozen=True)
class Observation:
    """A value or an answer with known right values."""

    features: tuple[float, ...]
    right: bool
    group: str = ""


def fit(observations: Sequence[Observation], grouped: bool = True) -> LogisticModel:
    """The model that explains the observations best. Raises ValueError without observations."""
    if not observations:
        raise ValueError("nothing to fit")
    size = len(observations[0].features)
    means = tuple(sum(each.features[index] for each in observations) / len(observations) for index in range(size))
    doubt = [Observation(means, True), Observation(means, False)]
    rows = [*observations, *doubt]
    names = dict.fromkeys(each.group for each in observations) if grouped else {}
    groups = dict.fromkeys(names, 0.0)
    members = {name: [each for each in rows if each.group == name] for name in groups}
    weights = [0.0] * (size + 1)  # the bias comes last
    for _ in range(TURNS):
        offsets = [groups.get(each.group, 0.0) for each in rows]
        weights = newton_step(weights, rows, offsets)
        for name, inside in members.items():
            groups[name] = group_step(groups[name], weights, inside)
    return LogisticModel(weights[-1], tuple(weights[:-1]), groups)


def newton_step(weights: list[float], rows: Sequence[Observation], offsets: Sequence[float]) -> list[float]:
    size = len(weights)
    gradient = [PENALTY * weight for weight in weights[:-1]] + [0.0]
    hessian = [[PENALTY if row == column < size - 1 else 0.0 for column in range(size)] for row in range(size)]
    for row, offset in zip(rows, offsets, strict=True):
        values = (*row.features, 1.0)
        probability = logistic(offset + dot(weights, values))
        spread = max(probability * (1 - probability), 1e-6)
        for one in range(size):
            gradient[one] += (probability - row.right) * values[one]
            for other in range(size):
                hessian[one][other] += spread * values[one] * values[other]
    return [weight - step for weight, step in zip(weights, solve(hessian, gradient), strict=True)]


def group_step(bias: float, weights: Sequence[float], rows: Sequence[Observation]) -> float:
    gradient, hessian = GROUP_PENALTY * bias, GROUP_PENALTY
    for row in rows:
        probability = logistic(bias + dot(weights, (*row.features, 1.0)))
        gradient += probability - row.right
        hessian += probability * (1 - probability)
    return bias - gradient / hessian


def solve(matrix: list[list[float]], vector: list[float]) -> list[float]:
    """The solution of a linear system by elimination with pivots."""
    rows = [[*row, value] for row, value in zip(matrix, vector, strict=True)]
    size = len(rows)
    for column in range(size):
        pivot = max(range(column, size), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        for row in range(column + 1, size):
            factor = rows[row][column] / rows[column][column]
            rows[row] = [one - factor * other for one, other in zip(rows[row], rows[column], strict=True)]
    solution = [0.0] * size
    for row in reversed(range(size)):
        rest = sum(rows[row][column] * solution[column] for column in range(row + 1, size))
        solution[row] = (rows[row][-1] - rest) / rows[row][row]
    return solution


def dot(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(left * right for left, right in zip(one, other, strict=True))
