"""Items and texts come out the same however the text is cut into pieces."""

from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.engine.incremental_json import ItemScanner, Trimmer
from plait.core.values.json_text import dumps

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
def test_any_chunking_of_a_text_gives_it_stripped(text: str, sizes: list[int]) -> None:
    trimmer = Trimmer()
    assert "".join(trimmer.feed(piece) for piece in cut(text, sizes)) == text.strip()


def test_space_is_held_back_until_more_follows() -> None:
    trimmer = Trimmer()
    assert [trimmer.feed(piece) for piece in (" ", " a ", " ", "b", "\n")] == ["", "a", "", "  b", ""]
