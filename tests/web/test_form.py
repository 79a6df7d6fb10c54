"""A form as a whole: read, filled in, refused at the right field, changed by a row."""

from typing import Any

import pytest
from pydantic import BaseModel, Field

from plait import task
from plait.core.errors import InputError, Problem
from plait.core.values.forms import FormFields
from plait.core.values.inputs import inputs_from_json
from plait.core.values.json_text import dumps
from plait.web.form import field_name, form_to_json, json_to_form, problems_by_field
from plait.web.list_rows import apply_row_button
from plait.web.pages import task_page
from plait.web.views import PageContext, TaskView
from tests.support.page_reading import Page
from tests.support.web_tasks import TASKS, examples_of


class Room(BaseModel):
    name: str
    lamps: list[str] = []


class House(BaseModel):
    rooms: list[Room] = Field(min_length=1)


@task
def light(house: House, level: int = 50, quick: bool = True, note: str | None = "gently") -> str:
    """Light {house} to {level}, {quick}, {note}."""
    ...


LIGHT = light.declaration


@pytest.mark.parametrize("name", TASKS)
def test_the_page_of_an_example_sends_the_example(name: str) -> None:
    declared = TASKS[name]
    for row in examples_of(declared):
        inputs = {parameter: json_value for parameter, json_value in row.items() if parameter != "answer"}
        page = Page(task_page(TaskView(declared, inputs=inputs), PageContext()))
        json_value = form_to_json(declared, page.fields)
        assert dumps(json_value) == dumps(inputs)
        inputs_from_json(declared, json_value)


def test_inputs_with_defaults_may_stay_empty() -> None:
    page = Page(task_page(TaskView(LIGHT), PageContext()))
    assert form_to_json(LIGHT, page.fields) == {"house": {"rooms": []}}


@pytest.mark.parametrize("values", [{"note": None}, {"note": ""}, {"quick": False}, {"level": 0}])
def test_differences_from_a_default_are_sent(values: dict[str, Any]) -> None:
    json_value = {"house": {"rooms": [{"name": "hall", "lamps": []}]}, **values}
    page = Page(task_page(TaskView(LIGHT, inputs=json_value), PageContext()))
    assert form_to_json(LIGHT, page.fields) == json_value


def test_all_faults_are_shown_at_once_at_their_fields() -> None:
    with pytest.raises(InputError) as caught:
        form_to_json(LIGHT, FormFields({"house.rooms.3.lamps.1": ["a"], "level": ["much"], "quick": ["maybe"]}))
    assert [problem.path for problem in caught.value.problems] == ["house.rooms.0.name", "level", "quick"]


def test_an_unknown_field_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError) as caught:
        form_to_json(LIGHT, FormFields({"hose.rooms.0.name": ["hall"]}))
    assert caught.value.hint == "did you mean house?"


def test_a_problem_is_shown_at_its_row_after_blank_rows_and_gaps() -> None:
    sent = FormFields({"house.rooms.2.name": [""], "house.rooms.5.name": ["hall"], "house.rooms.9.name": ["cellar"]})
    assert field_name(LIGHT, sent, "house.rooms.1.name") == "house.rooms.9.name"
    assert field_name(LIGHT, sent, "house.rooms.1.lamps.0") == "house.rooms.9.lamps"
    assert field_name(LIGHT, sent, "house.rooms.7.name") == "house.rooms"
    assert field_name(LIGHT, sent, "house.windows") == "house"
    assert field_name(LIGHT, sent, "note") == "note"
    assert field_name(LIGHT, sent, "wording") == "_option.wording"
    assert field_name(LIGHT, sent, "elsewhere") == ""


def test_a_fault_is_shown_at_its_field() -> None:
    sent = json_to_form(LIGHT, {"house": {"rooms": [{"name": "hall"}]}, "level": 7})
    problems = (Problem("level", "is too dark", "7"), Problem("house.rooms.0.name", "is taken", '"hall"'))
    assert problems_by_field(LIGHT, sent, problems) == {"level": ["is too dark"], "house.rooms.0.name": ["is taken"]}
    page = Page(task_page(TaskView(LIGHT, sent, error=InputError("no", problems=problems)), PageContext()))
    invalid = [each for each in page.elements if each.attributes.get("aria-invalid") == "true"]
    assert {each.attributes["name"] for each in invalid} == {"level", "house.rooms.0.name"}
    problem_texts = {
        each.attributes["id"]: each.text for each in page.elements if "problem" in each.attributes.get("class", "")
    }
    assert problem_texts["in-level-problem"] == "is too dark"


def test_a_refused_form_keeps_the_typed_values() -> None:
    sent = FormFields({"house.rooms.4.name": ["hall"], "level": ["quite\u00a0dark"], "note": ["so"]})
    page = Page(task_page(TaskView(LIGHT, sent, error=InputError("no")), PageContext()))
    assert page.fields.get_one("level") == "quite\u00a0dark"
    assert page.fields.get_one("house.rooms.4.name") == "hall"


def rows_after(button: str, value: str, sent: dict[str, list[str]]) -> list[str]:
    changed = apply_row_button(FormFields({**sent, button: [value]}))
    assert changed is not None and not changed.has(button)
    return Page(task_page(TaskView(LIGHT, changed), PageContext())).fields.row_names("house.rooms")


def test_a_form_sent_without_a_row_button_is_answered() -> None:
    assert apply_row_button(FormFields({"house.rooms.0.name": ["hall"]})) is None


def test_a_row_is_added_after_the_others() -> None:
    two = {"house.rooms.0.name": ["hall"], "house.rooms.3.name": ["cellar"]}
    assert rows_after("_add", "house.rooms", two) == ["house.rooms.0", "house.rooms.3", "house.rooms.4"]


def test_a_row_is_added_after_the_blank_one_of_an_empty_list() -> None:
    assert rows_after("_add", "house.rooms", {}) == ["house.rooms.0", "house.rooms.1"]


def test_a_removed_row_is_removed_with_its_nested_rows() -> None:
    sent = {"house.rooms.0.name": ["hall"], "house.rooms.1.lamps.0": ["a"], "house.rooms.10.name": ["attic"]}
    assert rows_after("_drop", "house.rooms.1", sent) == ["house.rooms.0", "house.rooms.10"]


def test_a_removed_blank_row_is_removed() -> None:
    sent = FormFields({"_drop": ["x.1"], "x._kept": ["0", "1"], "x.0": [""], "x.1": [""]})
    changed = apply_row_button(sent)
    assert changed is not None
    assert changed.data == {"x._kept": ["0"], "x.0": [""]}


@pytest.mark.parametrize("value", ["", ".", "nowhere", "house.rooms.99999999999", "house..rooms", "_add"])
def test_removing_a_missing_row_does_nothing(value: str) -> None:
    for button in ("_add", "_drop"):
        changed = apply_row_button(FormFields({button: [value], "level": ["7"]}))
        assert changed is not None
        task_page(TaskView(LIGHT, changed), PageContext())


def test_a_huge_row_number_causes_no_work() -> None:
    assert FormFields({"x." + "9" * 5000: ["a"], "x.²": ["b"], "x.3": ["c"]}).row_names("x") == ["x.3"]
