"""A pattern of a text is enforced where the grammar can say it, and named as a check where it cannot."""

from typing import Annotated

from pydantic import Field

from plait.core.grammar import ast as g
from plait.core.values.call_context import NO_CONTEXT
from plait.testing.samples import RESOLVER

NUMBER = Annotated[str, Field(pattern=r"^INV-\d{4}$")]
UNCLEAR = Annotated[str, Field(pattern=r"^(?!x)", max_length=9)]


def test_a_pattern_of_the_subset_is_enforced() -> None:
    value_type = RESOLVER.resolve(NUMBER)
    assert value_type.grammar(NO_CONTEXT) == g.RegularExpression(r"^INV-\d{4}$", 0, g.MAX_TEXT_LENGTH)
    assert value_type.residual_checks() == ()


def test_another_pattern_is_checked_afterwards() -> None:
    value_type = RESOLVER.resolve(UNCLEAR)
    assert value_type.grammar(NO_CONTEXT) == g.Text(0, 9)
    assert value_type.residual_checks() == (r"matches ^(?!x)",)


def test_a_length_that_the_pattern_cannot_have_is_checked_afterwards() -> None:
    assert RESOLVER.resolve(Annotated[str, Field(pattern="^a{2}$", min_length=3)]).residual_checks()
