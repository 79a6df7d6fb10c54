"""Items and texts come out the same however the text is cut into pieces."""

import json
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from plait.core.engine.incremental_json import ItemScanner, Trimmer, settled_json, trim
from plait.core.values.json_text import dumps
from plait.testing.samples import RESOLVER

texts = st.text(st.sampled_from('ab"\\[]{},: \n中'), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)


def cut(text: str, sizes: list[int]) -> list[str]:
    pieces: list[str] = []
    for size in sizes:
        pieces, text = [*pieces, text[:size]], text[size:]
    return [*pieces, text]


@settings(max_examples=300)
@given(st.lists(values, max_size=4), st.lists(st.integers(0, 5)), st.booleans())
def test_any_chunking_of_a_list_gives_the_same_items(items: list[object], sizes: list[int], spaced: bool) -> None:
    text = f"[{(' , ' if spaced else ',').join(map(dumps, items))}]"
    scanner = ItemScanner()
    scanned = [item for piece in cut(text, sizes) for item in scanner.feed(piece)]
    assert scanned == [dumps(item) for item in items]


def test_an_item_is_yielded_with_the_character_that_ends_it() -> None:
    scanner = ItemScanner()
    assert [scanner.feed(piece) for piece in ("[{", '"a":"}', '"}', ",", "2", " ]")] == [
        [],
        [],
        [],
        ['{"a":"}"}'],
        [],
        ["2"],
    ]


@given(st.text(st.sampled_from("ab \n\t")), st.lists(st.integers(0, 4)))
def test_any_chunking_of_a_text_gives_it_without_blank_lines_around_it(text: str, sizes: list[int]) -> None:
    trimmer = Trimmer()
    assert "".join(trimmer.feed(piece) for piece in cut(text, sizes)) == trim(text)


def test_space_is_held_back_until_more_follows() -> None:
    trimmer = Trimmer()
    assert [trimmer.feed(piece) for piece in (" ", " a ", " ", "b", "\n")] == ["", "  a", "", "  b", ""]


def test_leading_spaces_of_a_text_stay_and_blank_lines_go() -> None:
    assert trim(" \n\n  indented\n    code \n") == "  indented\n    code"
    assert trim("  ") == ""


class Reading(BaseModel):
    note: str
    degrees: float
    total: Decimal
    day: date | None
    more: list[int]


READING = '{"note":"at 12, \\"x","degrees":-12.50,"total":"1234.50","day":"2026-05-06","more":[10,200]}'


def test_a_stream_never_shows_half_a_number_or_half_a_date() -> None:
    whole = json.loads(READING)
    record = RESOLVER.resolve(Reading)
    for length in range(1, len(READING) + 1):
        known = settled_json(READING[:length], record)
        assert isinstance(known, dict | None)
        for name, value in (known or {}).items():
            if name == "note":
                assert isinstance(value, str) and whole["note"].startswith(value)
            elif name == "more":
                assert isinstance(value, list) and whole["more"][: len(value)] == value
            else:
                assert value == whole[name]
    assert settled_json(READING, record) == whole


def test_a_text_grows_while_it_is_written() -> None:
    record = RESOLVER.resolve(Reading)
    assert settled_json('{"note":"at 12', record) == {"note": "at 12"}
    assert settled_json('{"note":"at 12", "degrees": 1', record) == {"note": "at 12"}
