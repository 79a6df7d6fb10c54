"""Numbers, dates and times are read from a text however they are written."""

from datetime import date, time
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.types.quotation.date_spellings import date_spellings
from plait.types.quotation.number_spellings import number_spellings
from plait.types.quotation.time_spellings import time_spellings
from plait.types.quotation.words import collapse, text_lines


def numbers(text: str) -> list[tuple[str, Decimal]]:
    return [(each.text, each.value) for each in number_spellings(text)]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1\u202f234,5", "1234.5"),
        ("1,23,456.00", "123456.00"),
        ("1.234.567", "1234567"),
        ("14.50", "14.50"),
        ("12,5", "12.5"),
        ("0.125", "0.125"),
        ("−3", "-3"),
        ("007", "7"),
        ("٣", "3"),
        ("3", "3"),
    ],
)
def test_a_number_is_read_however_it_is_written(text: str, value: str) -> None:
    assert numbers(f"sum {text} in all") == [(text, Decimal(value))]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1.234", ["1234", "1.234"]),
        ("¥1,200", ["1200", "1.200"]),
        ("1 234.56", ["1234.56", "1", "234.56"]),
        ("2 120 mm", ["2120", "2", "120"]),
        ("1.2.3", ["1", "2", "3"]),
        ("5-3", ["5", "3"]),
        ("18x32, EUR9.00 120g", ["18", "32", "9.00", "120"]),
        ("A4 QM5-0212", ["212"]),
        (".5", ["0.5"]),
        ("none", []),
    ],
)
def test_every_reading_of_an_ambiguous_number_is_a_candidate(text: str, readings: list[str]) -> None:
    assert [value for _, value in numbers(text)] == [Decimal(each) for each in readings]


@given(st.decimals(0, 10**9, places=2), st.sampled_from([(",", "."), (".", ","), ("'", "."), ("\u00a0", ",")]))
def test_an_amount_is_read_in_every_national_notation(amount: Decimal, signs: tuple[str, str]) -> None:
    grouping, point = signs
    text = f"{amount:,.2f}".replace(",", "#").replace(".", point).replace("#", grouping)
    assert amount in [value for _, value in numbers(f"total {text} due")]


@given(st.text("0123456789.,' -−€a年\u00a0", max_size=40))
def test_every_number_stands_where_it_is_said_to(text: str) -> None:
    for each in number_spellings(text):
        (place,) = each.places
        assert text[place.start : place.end] == each.text and each.text.strip("-−.")[0].isdecimal()


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("2026-05-06", ["2026-05-06"]),
        ("2026/5/6 2026.05.06", ["2026-05-06", "2026-05-06"]),
        ("3rd of May 2026", ["2026-05-03"]),
        ("May 3, 2026", ["2026-05-03"]),
        ("3-Mar-2026", ["2026-03-03"]),
        ("3. Mai 2026", ["2026-05-03"]),
        ("le 1er mars 2026", ["2026-03-01"]),
        ("2026年5月3日", ["2026-05-03"]),
        ("于二〇二六年十二月二十三日开具", ["2026-12-23"]),
        ("已于2024/10/20开具", ["2024-10-20"]),
        ("03/05/26", ["2026-05-03", "2026-03-05"]),
        ("13/05/26", ["2026-05-13"]),
        ("31.12.69", ["1969-12-31"]),
        ("20260503", ["2026-05-03"]),
        ("2025-07-26T17:48", ["2025-07-26"]),
        ("29 Feb 2024, 29 Feb 2026, 2026-02-30, 31/04/2026", ["2024-02-29"]),
        ("192.168.10.25 2024-04897 INV2026-05-06", []),
        ("11 June", []),
    ],
)
def test_a_date_is_read_however_it_is_written(text: str, dates: list[str]) -> None:
    assert [each.value for each in date_spellings(text)] == [date.fromisoformat(each) for each in dates]


def test_a_date_without_a_year_takes_each_year_of_the_text_and_has_two_places() -> None:
    text = "due June 11, ordered in 2026, or 2027"
    spellings = date_spellings(text)
    assert [each.value for each in spellings] == [date(2026, 6, 11), date(2027, 6, 11)]
    for each, year in zip(spellings, ("2026", "2027"), strict=True):
        assert [text[place.start : place.end] for place in each.places] == ["June 11", year]


FORMS = ("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%Y", "%Y年%m月%d日", "%A, %d %b %Y")


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.sampled_from(FORMS))
def test_a_date_is_read_in_every_form(day: date, form: str) -> None:
    assert day in [each.value for each in date_spellings(f"on {day.strftime(form)} at noon")]


@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("09:30", ["09:30:00"]),
        ("9:30:15 pm", ["21:30:15"]),
        ("12 am, 12pm, 13 pm", ["00:00:00", "12:00:00"]),
        ("14h30 9.30 Uhr", ["14:30:00", "09:30:00"]),
        ("下午3点半", ["15:30:00"]),
        ("晚上八点一刻", ["20:15:00"]),
        ("2025-07-26T17:48", ["17:48:00"]),
        ("24:00 12:60 1:2:3:4", []),
    ],
)
def test_a_time_is_read_however_it_is_written(text: str, times: list[str]) -> None:
    assert [each.value for each in time_spellings(text)] == [time.fromisoformat(each) for each in times]


# ── words ──


def test_words_are_letters_with_their_marks_numbers_and_single_han_characters() -> None:
    ((*words,),) = text_lines("Cafe\u0301 12,50 €（共3件）, naïve")
    assert [each.word.text for each in words] == ["Cafe\u0301", "12,50", "€", "（", "共", "3", "件", "）", ",", "naïve"]
    assert [each.word.text for each in words if not each.word.ends] == ["（", ","]
    assert [each.word.text for each in words if not each.word.starts] == ["）", ","]


@given(st.text(max_size=80))
def test_words_cover_every_line_without_its_white_space(text: str) -> None:
    for line in text_lines(text):
        for one, following in pairwise(line):
            between = text[one.end : following.start]
            assert not between.strip() and bool(between) == following.word.spaced
        whole = text[line[0].start : line[-1].end]
        written = "".join(f" {each.word.text}" if each.word.spaced else each.word.text for each in line)
        assert collapse(written) == collapse(whole)
