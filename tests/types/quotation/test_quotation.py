"""Quoted values: only what stands in the inputs can be written, and everything that stands there can."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from plait import From, Quoted, Task, task
from plait.core.errors import AnnotationError, InputError, error_text
from plait.core.grammar.gbnf import gbnf
from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import CallContext, call_context
from plait.core.values.constraints import NO_CONSTRAINTS
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue
from plait.core.values.span import InputText, input_texts
from plait.testing.gbnf_check import GbnfGrammar
from plait.testing.values import json_values
from plait.types.quotation.candidates import value_candidates


class Line(BaseModel):
    what: Quoted[str]
    price: Quoted[Decimal] = Field(ge=1)


class Bill(BaseModel):
    number: Quoted[str] | None
    issued: Quoted[date] | None
    lines: list[Line] = Field(max_length=5)


@task
def read_bill(text: str) -> Bill:
    """Read {text}."""
    ...


@task
def title(letter: str, notes: list[str]) -> Annotated[Quoted[str], From("notes")]:
    """What is the title of {notes}, not of {letter}?"""
    ...


TEXT = 'Bill "A-17" of 03/05/26\n2 bags of grout, 1.234,50 € each\n1 tile 0,80'


def context(each: Task[..., Any], *, by_name: bool = True, **inputs: object) -> CallContext:
    return call_context(each.declaration, inputs, by_name=by_name)


def rules(each: Task[..., Any], **inputs: object) -> GbnfGrammar:
    return GbnfGrammar(gbnf(answer_grammar(each.declaration, context(each, **inputs))))


def bill(number: str | None, issued: str | None, *lines: tuple[str, str]) -> str:
    return dumps(
        {"number": number, "issued": issued, "lines": [{"what": what, "price": price} for what, price in lines]}
    )


@pytest.mark.parametrize(
    ("answer", "is_admitted"),
    [
        (bill('"A-17"', "03/05/26 = 2026-05-03", ("bags of grout", "1.234,50")), True),
        (bill("A-17", "03/05/26 = 2026-03-05"), True),
        (bill(None, None), True),
        (bill("A-18", None), False),  # does not stand there
        (bill("", None), False),  # an empty quotation
        (bill("grout,", None), False),  # a ragged end
        (bill("each 1", None), False),  # not on one line
        (bill("A-17", "2026-05-03"), False),  # the spelling with its reading is written
        (bill("A-17", "03/05/26 = 2026-05-04"), False),
        (bill("A-17", None, ("grout", "0,80")), False),  # below the bound
    ],
)
def test_the_grammar_admits_spellings_of_the_input_alone(answer: str, is_admitted: bool) -> None:
    assert rules(read_bill, text=TEXT).admits(answer) == is_admitted


def test_the_value_is_that_of_the_spelling_and_json_carries_the_value() -> None:
    declaration, by_name = read_bill.declaration, context(read_bill, text=TEXT)
    written = {
        "number": "A-17",
        "issued": "03/05/26 = 2026-05-03",
        "lines": [{"what": "bags of grout", "price": "1.234,50"}],
    }
    value = declaration.answer.decode(written, by_name)
    assert value == Bill(
        number="A-17", issued=date(2026, 5, 3), lines=[Line(what="bags of grout", price=Decimal("1234.50"))]
    )
    json_value = declaration.answer.encode(value, by_name.json_context)
    assert json_value == {
        "number": "A-17",
        "issued": "2026-05-03",
        "lines": [{"what": "bags of grout", "price": "1234.50"}],
    }
    assert declaration.answer.decode(json_value, by_name.json_context) == value
    assert declaration.answer.encode(value, by_name) == written


def test_a_server_without_a_grammar_may_write_the_value_itself() -> None:
    written: Any = {"number": None, "issued": "2026-05-03", "lines": [{"what": "tile", "price": "1234.50"}]}
    value = read_bill.declaration.answer.decode(written, context(read_bill, text=TEXT))
    assert isinstance(value, Bill) and value.issued == date(2026, 5, 3) and value.lines[0].price == Decimal("1234.50")


def test_a_value_that_does_not_stand_in_the_input_is_refused_with_its_field() -> None:
    json_value: Any = {"number": "A-18", "issued": "2026-05-04", "lines": [{"what": "tile", "price": 7}]}
    with pytest.raises(InvalidValue) as caught:
        read_bill.declaration.answer.decode(json_value, context(read_bill, by_name=False, text=TEXT))
    assert [".".join(fault.path) for fault in caught.value.faults] == ["number", "issued", "lines.0.price"]
    assert all(fault.message.startswith("does not stand in the input") for fault in caught.value.faults)


def test_an_example_that_quotes_something_else_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        read_bill.examples.add(Bill(number="B", issued=None, lines=[]), text=TEXT)
    assert "answer.number: does not stand in the input" in error_text(caught.value)


def test_shots_show_the_spelling_of_their_own_input() -> None:
    answer = Bill(number="A-17", issued=date(2026, 3, 5), lines=[])
    read_bill.examples.add(answer, text=TEXT)
    prompt = str(read_bill.prompt(text="Bill 9"))
    assert '{"number":"A-17","issued":"03/05/26 = 2026-03-05","lines":[]}' in prompt
    assert '"issued": YYYY-MM-DD as in the text or null' in prompt


def test_only_the_named_input_is_quoted() -> None:
    grammar = rules(title, letter="Dear Ada", notes=["one note", "two"])
    assert grammar.admits("one note") or grammar.admits('"one note"')
    assert not grammar.admits('"Dear Ada"') and not grammar.admits('"note two"')


# ── nothing to quote ──


@pytest.mark.parametrize("written", ["14 March 2026", "14.03.2026", "2026-03-14", "March 14, 2026", "2026年3月14日"])
def test_an_amount_is_no_part_of_a_date_but_a_whole_number_may_be(written: str) -> None:
    texts = input_texts((InputText("text", f"Paid 7.50 on {written}, 12 March, 3 may follow"),))
    amounts, whole = (value_candidates(texts, each, NO_CONSTRAINTS) for each in (Decimal, int))
    assert all(amounts.form_of(Decimal(each)) is None for each in ("14", "2026"))
    assert all(amounts.form_of(Decimal(each)) for each in ("7.50", "12", "3"))
    assert whole.form_of(2026) or written.startswith("14.03")


def test_a_value_without_a_candidate_is_none_where_the_type_allows_it() -> None:
    grammar = rules(read_bill, text="no numbers here")
    assert grammar.admits(bill("no numbers", None)) and not grammar.admits(bill(None, None, ("here", "1")))


def test_the_field_that_is_required_is_named_not_one_that_may_be_missing() -> None:
    class Dated(BaseModel):
        seen: Quoted[date] | None
        lines: list[Line] = Field(min_length=1)

    @task
    def order(text: str) -> Dated:
        """Read {text}."""
        ...

    with pytest.raises(InputError, match=r"order has nothing to quote for lines\.price"):
        order("soon")


def test_without_a_candidate_for_a_required_value_the_field_is_named() -> None:
    class Dated(BaseModel):
        due: Quoted[date]

    @task
    def when(text: str) -> Dated:
        """When is {text} due?"""
        ...

    with pytest.raises(InputError) as caught:
        when("soon")
    assert error_text(caught.value).splitlines() == [
        "InputError: when has nothing to quote for due",
        "    text: has no date that due could quote",
        "  → declare due as `... | None` if its value may be missing",
    ]


# ── declarations ──


def test_a_quotation_needs_a_quotable_type_a_text_and_stands_in_an_answer() -> None:
    with pytest.raises(AnnotationError, match=re.escape("Quoted[datetime] is not supported")):

        @task
        def one(text: str) -> Quoted[datetime]:
            """When {text}?"""
            ...

    with pytest.raises(AnnotationError, match="only an answer can quote"):

        @task
        def two(text: Quoted[str]) -> str:
            """What is {text}?"""
            ...

    with pytest.raises(AnnotationError, match="no parameter has text to quote from"):

        @task
        def three(count: int) -> Quoted[str]:
            """What is {count}?"""
            ...

    with pytest.raises(AnnotationError) as caught:

        @task
        def four(letter: str) -> Annotated[Quoted[str], From("leter")]:
            """What is {letter}?"""
            ...

    assert caught.value.hint == "did you mean letter?"


# ── properties ──

TEXTS = st.text("ab 12.,-/€(\n\"'件\u0301é", min_size=1, max_size=60)


@given(TEXTS, st.data())
def test_whatever_the_grammar_admits_stands_in_the_input(text: str, data: st.DataObject) -> None:
    called = context(read_bill, text=text)
    grammar = answer_grammar(read_bill.declaration, called)
    written = data.draw(json_values(grammar))
    assert GbnfGrammar(gbnf(grammar)).admits(dumps(written))
    value = read_bill.declaration.answer.decode(written, called)
    assert isinstance(value, Bill)
    plain = re.sub(r"\s+", " ", text)
    for quotation in (value.number, *(line.what for line in value.lines)):
        assert quotation is None or (quotation in plain and quotation)
    assert read_bill.declaration.answer.decode(read_bill.declaration.answer.encode(value, called), called) == value


@given(TEXTS, st.integers(0, 20), st.integers(1, 8))
def test_every_run_of_words_can_be_quoted(text: str, first: int, count: int) -> None:
    from plait.types.quotation.words import text_lines

    for line in text_lines(text):
        run = line[first : first + count]
        if run and run[0].word.starts and run[-1].word.ends:
            written = run[0].word.text + "".join(
                f" {each.word.text}" if each.word.spaced else each.word.text for each in run[1:]
            )
            assert rules(read_bill, text=text).admits(bill(written, None))


def test_a_long_paragraph_bounds_a_quotation_and_admits_every_short_run() -> None:
    text = " ".join(f"word{number}" for number in range(400))
    grammar = rules(read_bill, text=text)
    words = text.split()
    for first in range(0, 380, 7):
        assert grammar.admits(bill(" ".join(words[first : first + 20]), None))
    assert not grammar.admits(bill(text, None))
