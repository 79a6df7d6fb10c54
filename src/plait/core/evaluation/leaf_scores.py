"""Which values of an answer are right, by the same dotted paths as its certificate and its confidence."""

from collections import defaultdict, deque
from collections.abc import Iterator

from plait.core.engine.certificate import answer_leaves
from plait.core.evaluation.scoring import EXACT_THRESHOLD
from plait.core.task.declaration import Declaration
from plait.core.values.json_value import Json
from plait.core.values.span import column_path
from plait.core.values.value_type import iter_types


def right_leaves(declaration: Declaration, json_value: Json, answer: object, reference: object) -> dict[str, bool]:
    """Whether each value of an answer equals the right one, without texts marked AnyWords(), which have no right words.

    Items of lists are compared with those of the reference that they are paired with for the score; an item without
    a partner is wrong.
    """
    # The scores of the fields of the right answer, with the two answers exchanged: those of the fields of this one.
    scores: defaultdict[str, deque[float]] = defaultdict(deque)
    for path, agreement in declaration.answer.field_scores(reference, answer):
        scores[path].append(agreement)
    leaves = answer_leaves(declaration.answer, json_value, "", {})
    right = {path: scores[column_path(path)].popleft() for path, _ in leaves if scores[column_path(path)]}
    prose = set(prose_columns(declaration))
    return {path: agreement >= EXACT_THRESHOLD for path, agreement in right.items() if column_path(path) not in prose}


def prose_columns(declaration: Declaration) -> Iterator[str]:
    for path, each in iter_types(declaration.answer):
        if getattr(each, "any_words", False):
            yield path
