"""Evidence: the place that was meant is found where a quoted value stands in several places."""

import asyncio
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from plait import Quoted, engine, task
from plait.core.engine.evidence import evidence
from plait.core.values.call_context import call_context
from plait.core.values.span import Span


class Line(BaseModel):
    what: Quoted[str]
    price: Quoted[Decimal]


class Bill(BaseModel):
    number: Quoted[str]
    lines: list[Line]


@task
def read_bill(text: str) -> Bill:
    """Read {text}."""
    ...


@task
def name_in(passages: list[str]) -> Quoted[str]:
    """Who is named in {passages}?"""
    ...


def line(what: str, price: str) -> dict[str, str]:
    return {"what": what, "price": price}


def texts_around(text: str, json_value: Any, width: int = 0) -> dict[str, str]:
    """The text of the first span of each quoted value, with its neighbourhood."""
    context = call_context(read_bill.declaration, {"text": text}, by_name=True)
    places = evidence(read_bill.declaration, json_value, context)
    for spans in places.values():
        assert all(text[span.start : span.end] == span.text for span in spans)
    return {path: text[spans[0].start - width : spans[0].end + width] for path, spans in places.items()}


def test_in_rows_a_value_belongs_to_the_row_of_its_record() -> None:
    text = "Bill 7\n2 nails 9.00 9.00\n5 screws 9.00\n1 hammer 9.00"
    answer = {"number": "7", "lines": [line("nails", "9.00"), line("screws", "9.00"), line("hammer", "9.00")]}
    found = texts_around(text, answer, width=7)
    assert found["lines.0.price"].startswith(" nails 9.00 9.00")
    assert found["lines.1.price"].startswith("screws 9.00")
    assert found["lines.2.price"].endswith("hammer 9.00")


def test_in_columns_the_items_follow_each_other() -> None:
    text = "Bill 7\nItem\nnails\nscrews\nhammer\nEach\n9.00\n9.00\n4.50\nTotal\n9.00\n"
    answer = {"number": "7", "lines": [line("nails", "9.00"), line("screws", "9.00"), line("hammer", "4.50")]}
    context = call_context(read_bill.declaration, {"text": text}, by_name=True)
    places = evidence(read_bill.declaration, answer, context)
    starts = [places[f"lines.{index}.price"][0].start for index in range(3)]
    assert starts == [text.index("9.00"), text.index("9.00") + 5, text.index("4.50")]


def test_equal_items_stand_at_different_places() -> None:
    text = "Bill 7: nails 2.00, nails 2.00, nails 2.00"
    answer = {"number": "7", "lines": [line("nails", "2.00")] * 3}
    context = call_context(read_bill.declaration, {"text": text}, by_name=True)
    places = evidence(read_bill.declaration, answer, context)
    spans = [places[f"lines.{index}.{name}"][0] for index in range(3) for name in ("what", "price")]
    assert spans == sorted(spans, key=lambda span: span.start) and len({span.start for span in spans}) == 6


def test_a_value_that_a_server_wrote_itself_has_its_place_too() -> None:
    text = "Bill A-17: 1 sink, 1.234,50 each"
    found = texts_around(text, {"number": "A-17", "lines": [line("sink", "1234.50")]})
    assert found == {"number": "A-17", "lines.0.what": "sink", "lines.0.price": "1.234,50"}


def test_offsets_count_code_points_of_the_text_as_it_was_passed() -> None:
    text = "𝄞 é\r\n  Ada   Berger, 𝄞"
    with engine.scripted({name_in: "Ada Berger"}):
        answer = name_in.detailed(["nobody", text])
    assert answer.value == "Ada Berger" and answer.id and answer.model
    assert answer.evidence == {"": (Span("passages.1", 7, 19, "Ada   Berger"),)}


def test_places_are_found_in_mappings_tuples_aliases_and_recursive_records() -> None:
    class Part(BaseModel):
        title: Quoted[str] = Field(alias="name")
        parts: "list[Part]" = Field(default_factory=list["Part"])

    Part.model_rebuild(_types_namespace={"Part": Part})

    @task
    def sort_parts(text: str) -> dict[str, tuple[Quoted[int], Part]]:
        """Sort {text}."""
        ...

    answer = {"a": (3, Part(name="wheel", parts=[Part(name="spoke")]))}
    with engine.scripted({sort_parts: answer}):
        evidence = sort_parts.detailed("3 wheel spoke").evidence
    assert {path: span.text for path, (span,) in evidence.items()} == {
        "a.0": "3",
        "a.1.title": "wheel",
        "a.1.parts.0.title": "spoke",
    }


def test_a_task_without_quotations_has_no_evidence() -> None:
    @task
    def shout(text: str) -> str:
        """Shout {text}."""
        ...

    with engine.scripted({shout: "HI"}):
        assert shout.detailed("hi").evidence == {}


def test_details_come_at_the_end_of_a_stream_and_asynchronously() -> None:
    bill = Bill(number="7", lines=[Line(what="nails", price=Decimal("2.00"))])
    with engine.scripted({read_bill: bill}):
        *_, streamed = read_bill.stream("Bill 7: nails 2.00")
        detailed = asyncio.run(read_bill.adetailed("Bill 7: nails 2.00"))
    assert streamed.detailed.evidence == detailed.evidence
    assert [span.text for span in detailed.evidence["lines.0.price"]] == ["2.00"]
