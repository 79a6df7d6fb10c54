"""Fields of an answer are replaced by dotted path, in JSON form or by Python values, and validated by its type."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait import Ref
from plait.core.calls.answer_changes import changed_answer
from plait.core.errors import InputError
from tests.support.ledger_tasks import BILL, LAMPS, Lamp, Line, Nothing, Turn, read_bill, shorten, turn

INPUTS = {"text": "bill 12 or 13, 3.00"}


def bill(changes: dict[str, Any]) -> Any:
    return changed_answer(read_bill.declaration, INPUTS, dict(BILL), changes)[0]


def command(changes: dict[str, Any]) -> Any:
    inputs = {"wish": "light", "lamps": LAMPS}
    return changed_answer(turn.declaration, inputs, {"Turn": {"lamp": 0, "on": True}}, changes)[0]


def faults(changes: dict[str, Any]) -> list[str]:
    with pytest.raises(InputError) as caught:
        bill(changes)
    assert "nothing was stored" in caught.value.hint
    return [str(problem) for problem in caught.value.problems]


def test_no_change_is_the_answer_itself() -> None:
    assert bill({}).lines[0].price == Decimal("1.50") and bill({}).number == "12"


def test_a_field_takes_its_json_form_or_a_python_value() -> None:
    assert bill({"issued": "2026-05-06"}).issued == bill({"issued": date(2026, 5, 6)}).issued == date(2026, 5, 6)
    assert bill({"lines.0.price": "3.00"}).lines[0].price == bill({"lines.0.price": Decimal("3.00")}).lines[0].price
    lines = [
        Line.model_validate({"what": "screws", "unit_price": 2}),
        Line.model_validate({"what": "a", "unit_price": 1}),
    ]
    assert bill({"lines": lines}).lines == lines
    assert bill({"lines": [{"what": "screws", "price": Decimal(2)}]}).lines[0].price == 2


def test_a_field_is_found_by_its_alias() -> None:
    assert bill({"lines.0.unit_price": "3.00"}).lines[0].price == Decimal("3.00")


def test_computed_fields_follow_the_correction() -> None:
    _, json_value = changed_answer(read_bill.declaration, INPUTS, dict(BILL), {"lines.0.price": "3.00"})
    assert isinstance(json_value, dict) and json_value["total"] == "3.00"
    assert faults({"total": "9"}) == ['total: is computed from other fields; correct those    "9"']


def test_a_refused_value_is_quoted_with_its_field() -> None:
    assert faults({"issued": "2026-02-31"})[0].startswith("issued: ")
    assert faults({"issued": "2026-02-31"})[0].endswith('"2026-02-31"')
    assert faults({"lines.0.price": "-1"})[0].startswith("lines.0.price: ")
    assert faults({"number": "99"}) == ['number: does not stand in the input    "99"'], "a quotation stays one"
    assert faults({"lines": []})[0].startswith("lines: ")
    assert faults({"lines": object()})[0].startswith("lines: should be ")


def test_an_unknown_field_names_the_nearest_one() -> None:
    assert faults({"isued": 1}) == ["isued: is not a field; did you mean issued?    1"]
    assert "there are number, issued, lines" in faults({"zzz": 1})[0]
    assert faults({"lines.4.price": 1})[0].startswith("lines.4: is not an item of the answer, which has 1 here")
    assert len(faults({"isued": 1, "lines.x": 2})) == 2, "all are reported together"


def test_the_whole_answer_is_replaced_by_an_empty_path_or_by_answer() -> None:
    whole = {**BILL, "number": "13"}
    assert bill({"": whole}).number == bill({"answer": whole}).number == "13"
    assert changed_answer(shorten.declaration, {"text": "x"}, "abc", {"answer": "a"}) == ("a", "a")
    with pytest.raises(InputError, match="no fields"):
        changed_answer(shorten.declaration, {"text": "x"}, "abc", {"tone": "a"})


def test_a_field_of_a_union_is_that_of_the_option_answered_or_of_another_one() -> None:
    assert command({"on": False}) == command({"Turn.on": False}) == Turn(lamp=Ref(LAMPS[0], 0), on=False)
    assert command({"Nothing": {"why": "no lamp"}}) == command({"Nothing.why": "no lamp"}) == Nothing(why="no lamp")
    assert command({"answer": Nothing(why="x")}) == Nothing(why="x")


def test_a_reference_is_an_index_or_one_of_the_objects() -> None:
    assert command({"lamp": 1}).lamp.value is LAMPS[1]
    assert command({"lamp": Ref(LAMPS[1])}).lamp.value is LAMPS[1]
    with pytest.raises(InputError, match="lamp"):
        command({"lamp": Ref(Lamp(name="c"))})


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
paths = st.sampled_from(["", "answer", "number", "issued", "lines", "lines.0", "lines.0.price", "lines.-1", "a.b", "."])


@given(st.dictionaries(paths | st.text(max_size=8), json_values, max_size=4))
def test_any_changes_give_an_answer_of_the_type_or_an_input_error(changes: dict[str, Any]) -> None:
    try:
        value = bill(changes)
    except InputError as error:
        assert error.problems
    else:
        assert value.number in ("12", "13", "or", "bill") or value.number in INPUTS["text"]
