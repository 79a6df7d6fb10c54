"""A text that repeats itself is known by its end."""

from hypothesis import given
from hypothesis import strategies as st

from plait.core.engine.repetition import borders, is_repeating

LINE = '{"what":"You: thanks! will pay tmrw","quantity":%d,"price":18.50},'
INVOICE = (
    '{"number":"MB-2026-0391","issued":"2026-05-14","seller":"Fennimore & Blythe","lines":['
    '{"what":"Longcase movement, strip and clean","quantity":1,"price":240},'
    '{"what":"Gut line","quantity":2,"price":9.75},{"what":"Bench time","quantity":3.5,"price":48},'
    '{"what":"Suspension spring","quantity":1,"price":6.4}],"currency":"GBP"}'
)


def test_a_repeated_item_is_detected_even_if_its_numbers_increase() -> None:
    assert is_repeating('{"lines":[' + "".join(LINE % number for number in range(7, 13)))


def test_an_ordinary_list_is_no_repetition() -> None:
    assert not any(is_repeating(INVOICE[:end]) for end in range(len(INVOICE)))


def test_three_equal_items_are_no_repetition() -> None:
    assert not is_repeating('{"lines":[' + LINE % 1 * 3)


@given(st.text("abc", min_size=1, max_size=30), st.text("xyz", max_size=40))
def test_text_before_a_repetition_does_not_hide_it(piece: str, before: str) -> None:
    assert is_repeating(before + piece * (200 // len(piece) + 5))


@given(st.text("ab", max_size=30))
def test_a_border_is_the_longest_proper_prefix_that_is_also_a_suffix(text: str) -> None:
    for length, border in enumerate(borders(text), 1):
        whole = text[:length]
        assert border == max(size for size in range(length) if whole[:size] == whole[length - size :])
