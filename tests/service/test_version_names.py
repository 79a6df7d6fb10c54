"""Names of versions, weights of aliases and places of persons: what is written is read again, for any values."""

import json

from hypothesis import given
from hypothesis import strategies as st

from plait.cli.models.alias import parse_weights
from plait.core.errors import InputError
from plait.service.models.alias_choice import person_place, version_at
from plait.service.models.model_version import (
    ALL,
    AliasState,
    ModelVersion,
    VersionName,
    parse_version_name,
    parse_weights_json,
)
from plait.storage.model_table import AliasKey

NAMES = st.from_regex(r"\w[\w.-]{0,20}(/\w[\w.-]{0,20}){0,2}", fullmatch=True)
NUMBERS = st.one_of(st.none(), st.integers(1, 999_999_999))


@st.composite
def weights(draw: st.DrawFn) -> dict[int, int]:
    """Percents above 0 that sum to 100, by number of version, 0 for the base."""
    cuts = sorted(draw(st.sets(st.integers(1, ALL - 1), max_size=6)))
    shares = [end - start for start, end in zip([0, *cuts], [*cuts, ALL], strict=True)]
    numbers = draw(st.lists(st.integers(0, 10_000), min_size=len(shares), max_size=len(shares), unique=True))
    return dict(zip(sorted(numbers), shares, strict=True))


@given(NAMES, NUMBERS)
def test_a_name_is_read_as_it_was_written(name: str, number: int | None) -> None:
    assert parse_version_name(str(VersionName(name, number))) == VersionName(name, number)


@given(st.text(max_size=30))
def test_any_text_is_a_name_or_refused_with_a_hint(text: str) -> None:
    try:
        assert str(parse_version_name(text)) == text
    except InputError as error:
        assert error.hint


@given(weights())
def test_weights_are_read_as_they_are_printed(shares: dict[int, int]) -> None:
    state = AliasState("p", "m/x", "f", tuple(shares.items()))
    assert parse_weights("m/x", tuple(str(state).split())) == shares
    assert parse_weights_json(json.dumps(shares)) == state.weights


@given(weights())
def test_versions_have_as_many_places_as_percents(shares: dict[int, int]) -> None:
    rows = {number: version(number) if number else None for number in shares}
    parts = tuple((weight, rows[number]) for number, weight in shares.items())
    chosen = [version_at(parts, place) for place in range(ALL)]
    assert {number: chosen.count(row) for number, row in rows.items()} == shares


@given(st.text(max_size=40))
def test_any_person_has_a_place_which_stays(person: str) -> None:
    key = AliasKey("p", "m/x", "f")
    assert 0 <= person_place(key, person) < ALL and person_place(key, person) == person_place(key, person)


def version(number: int) -> ModelVersion:
    digest = "0" * 64
    return ModelVersion("p", "m/x", "x", "f", "m", digest, digest, 0, "{}", "", number=number)
