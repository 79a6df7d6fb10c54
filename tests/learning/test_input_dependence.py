"""Pictures that pay no attention to their descriptions are not promoted, however much they are like the right ones."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from plait.core.evaluation.aggregation import RowReply
from plait.core.evaluation.evaluate import EvaluationCase
from plait.core.evaluation.interval import Difference
from plait.core.evaluation.rows import DatasetRow
from plait.core.prompting.example_rows import Example
from plait.learning.gate import GateRow, GateRule, objections, score_difference
from plait.learning.parity import HALF_PRECISION, ServingParity
from plait.learning.scoring import input_dependence
from plait.tasks.draw import draw
from plait.types.image import Image
from tests.support.box_pictures import noise_picture

DRAW = draw.declaration
SOUND = ServingParity(40, 500, 0.001, 0.01, 0.1, 0, HALF_PRECISION)
PICTURES = [Image(noise_picture(seed)) for seed in range(24)]


def dependence(answers: Sequence[Image | None], rights: Sequence[Image]) -> Difference | None:
    """None is no answer."""
    cases = [
        EvaluationCase(
            DatasetRow(DRAW, number, f"row {number}", b""),
            Example({"description": f"thing {number}"}, right),
            RowReply(number, error="no answer") if answer is None else RowReply(number, answer.data_url),
            {},
        )
        for number, (answer, right) in enumerate(zip(answers, rights, strict=True), 1)
    ]
    return input_dependence(DRAW, cases)


def reasons(found: Difference | None) -> list[str]:
    gaining = [GateRow(f"row {number}", 0.25, 1.0) for number in range(24)]
    return list(objections(GateRule(), score_difference(gaining), (), SOUND, found))


def test_pictures_that_follow_their_descriptions_are_promoted() -> None:
    found = dependence(PICTURES, PICTURES)
    assert found and found.wins == 24 and found.gain.low > 0 and reasons(found) == []


def test_one_picture_for_every_description_stays_a_candidate_in_spite_of_its_gain() -> None:
    found = dependence([PICTURES[0]] * 24, PICTURES)
    (reason,) = reasons(found)
    assert reason.startswith("its pictures fit their own rows no better than others: ")


def test_a_style_of_one_picture_alone_is_no_reason_against_it() -> None:
    assert dependence(PICTURES, [PICTURES[0]] * 24) is None and reasons(None) == []


@given(st.lists(st.sampled_from(PICTURES) | st.none(), min_size=2, max_size=8))
def test_answers_in_any_order_are_compared_with_all_other_rows(answers: list[Image | None]) -> None:
    rights = PICTURES[: len(answers)]
    found = dependence(answers, rights)
    assert found and -1 <= found.gain.low <= found.gain.high <= 1 and found.gain.count == len(answers)
    assert found.wins >= sum(answer == right for answer, right in zip(answers, rights, strict=True))
