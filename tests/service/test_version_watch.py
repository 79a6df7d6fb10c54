"""A version that people rate worse than the one before is taken back; chance alone takes none back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import plait
from plait.core.calls.scope import use_transport
from plait.core.engine.envelope import details_json
from plait.core.engine.protocol import Usage
from plait.core.engine.validation import Completed
from plait.core.prompting.project import OWNER
from plait.core.values.json_text import dumps
from plait.service.local_transport import LocalTransport
from plait.service.models.registry import ModelRegistry
from plait.service.version_watch import MIN_RATED, Share, difference_bounds
from plait.storage.answer_table import AnswerRow, insert_answers
from plait.storage.schema import writing
from tests.support.colour_versions import NAME, project_of_task, registry_with_versions

BASE = "tiny@0123456789ab"


@pytest.fixture
def registry(colour: Any, tiny: Path, tmp_path: Path) -> Iterator[ModelRegistry]:
    transport = LocalTransport()
    with use_transport(transport):
        yield registry_with_versions(colour, tiny, tmp_path, 2)
    transport.recorder.close()


def record(registry: ModelRegistry, colour: Any, model: str, ids: range) -> list[str]:
    """Recorded answers of a model."""
    form = (project_of_task(colour), "colour", colour.declaration.fingerprint)
    rows: list[AnswerRow] = []
    for number in ids:
        id = f"{form[2]}-{number:08x}"
        details = details_json(Completed("green", "green", id, model, Usage(1, 1), 0.1))
        content = dumps({**details, "inputs": {"thing": "grass"}})
        rows.append(AnswerRow(id, *form, OWNER, "", model, "", content, number + 1))
    with writing(registry.database) as connection:
        insert_answers(connection, registry.database.files, rows)
    return [row.id for row in rows]


def rate(ids: list[str], right: int) -> None:
    for number, id in enumerate(ids):
        plait.feedback(id, right=number < right)


def champion(registry: ModelRegistry, colour: Any) -> int:
    return registry.alias(project_of_task(colour), NAME, colour.declaration.fingerprint).champion


def test_a_version_that_is_rated_worse_goes_back_to_the_one_before(registry: ModelRegistry, colour: Any) -> None:
    project, form = project_of_task(colour), colour.declaration.fingerprint
    registry.set_alias(project, NAME, {1: 100})
    rate(record(registry, colour, f"{NAME}@1", range(20)), right=16)
    registry.set_alias(project, NAME, {2: 100})
    ids = record(registry, colour, f"{NAME}@2", range(100, 120))
    rate(ids[: MIN_RATED - 1], right=0)
    assert champion(registry, colour) == 2, "too few answers are rated"
    rate(ids[MIN_RATED - 1 :], right=0)
    assert champion(registry, colour) == 1
    (newest, *_) = registry.history(project, NAME, form)
    assert newest.reason.startswith("0 of 10 rated answers are right, 16 of 20 of the version before"), newest.reason


def test_a_canary_that_is_rated_worse_than_the_base_loses_its_share(registry: ModelRegistry, colour: Any) -> None:
    project, form = project_of_task(colour), colour.declaration.fingerprint
    rate(record(registry, colour, BASE, range(20)), right=18)
    registry.set_alias(project, NAME, {0: 90, 1: 10})
    rate(record(registry, colour, f"{NAME}@1", range(100, 115)), right=3)
    assert registry.alias(project, NAME, form).weights == ((0, 100),)


def test_a_version_that_is_as_good_or_better_stays(registry: ModelRegistry, colour: Any) -> None:
    project, form = project_of_task(colour), colour.declaration.fingerprint
    rate(record(registry, colour, BASE, range(20)), right=10)
    registry.set_alias(project, NAME, {1: 100})
    rate(record(registry, colour, f"{NAME}@1", range(100, 120)), right=9)
    assert champion(registry, colour) == 1 and len(registry.history(project, NAME, form)) == 1


def test_a_correction_says_that_the_answer_was_wrong_and_a_confirmation_that_it_was_right(
    registry: ModelRegistry, colour: Any
) -> None:
    project = project_of_task(colour)
    rate(record(registry, colour, BASE, range(12)), right=12)
    registry.set_alias(project, NAME, {1: 100})
    for id in record(registry, colour, f"{NAME}@1", range(100, 112)):
        colour.correct(id)
    assert champion(registry, colour) == 1, "they were right as they were"
    for id in record(registry, colour, f"{NAME}@1", range(200, 240)):
        colour.correct(id, answer="red")
    assert champion(registry, colour) == 0


# ── the interval ──


shares = st.integers(1, 200).flatmap(lambda n: st.builds(Share, st.integers(0, n), st.just(n)))


@given(shares, shares)
def test_the_interval_of_a_difference_holds_it_and_turns_round_with_its_sides(one: Share, other: Share) -> None:
    low, high = difference_bounds(one, other)
    assert -1.0001 <= low <= one.mean - other.mean <= high <= 1.0001
    assert difference_bounds(other, one) == pytest.approx((-high, -low))


def test_the_interval_of_a_difference_is_that_of_the_paper() -> None:
    # Newcombe 1998, table II, method 10: 56/70 - 48/80 and 9/10 - 3/10
    assert difference_bounds(Share(56, 70), Share(48, 80)) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    assert difference_bounds(Share(9, 10), Share(3, 10)) == pytest.approx((0.1705, 0.8090), abs=1e-4)
