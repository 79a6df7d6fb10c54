"""Boxes: pixels of the picture they lie on, whatever units a model writes them in."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait import Box, Image
from plait.core.errors import InputError, RefError, SettingsError
from plait.core.grammar import ast as g
from plait.core.prompting.prompt import prompt
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import InvalidValue
from plait.tasks.locate import locate
from plait.types.box import BoxType
from plait.types.box.box_formats import BINS, FORMAT_DESCRIPTIONS
from tests.support.shelf import PNG

KIND = BoxType(("picture",))
SHELF = Image(PNG)  # 64 x 48 pixels
HEAD = "from typing import Annotated\nfrom pydantic import BaseModel\nfrom plait import Box, From, Image, Ref, task\n\n"


def on(size: tuple[int, int], box_format: str = "", sent: tuple[int, int] | None = None) -> CallContext:
    picture = SimpleNamespace(size=size, size_for_model=sent or size)
    return CallContext({("picture",): (picture,)}, box_format=box_format)


@st.composite
def boxes_on_pictures(draw: st.DrawFn, most: int = 5_000) -> tuple[tuple[int, int], Box]:
    """A picture's size and a box on it."""
    width, height = draw(st.integers(1, most)), draw(st.integers(1, most))
    x0, y0 = draw(st.integers(0, width - 1)), draw(st.integers(0, height - 1))
    return (width, height), Box(x0, y0, draw(st.integers(x0 + 1, width)), draw(st.integers(y0 + 1, height)))


# ── the value ──


def test_a_box_has_an_area_and_an_iou_with_another() -> None:
    box = Box(0, 0, 10, 10)
    assert box.area == 100 and box.iou(box) == 1
    assert box.iou(Box(5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert box.iou(Box(10, 0, 20, 10)) == 0 == box.iou(Box(30, 30, 40, 40))
    assert KIND.score(box, Box(0, 0, 10, 5)) == 0.5


@given(boxes_on_pictures(60), boxes_on_pictures(60))
def test_iou_is_symmetric(one: Any, other: Any) -> None:
    assert 0 <= one[1].iou(other[1]) <= 1 and one[1].iou(other[1]) == other[1].iou(one[1])


@pytest.mark.parametrize("corners", [(5, 0, 5, 9), (0, 9, 5, 9), (9, 0, 5, 9), (-1, 0, 5, 9), (0, 0, -5, -5)])
def test_a_box_without_an_area_or_beyond_the_edge_is_refused(corners: tuple[int, int, int, int]) -> None:
    with pytest.raises(InputError, match="should have 0 <= x0 < x1 and 0 <= y0 < y1") as caught:
        Box(*corners)
    assert f"x0={corners[0]}" in caught.value.message and caught.value.hint


@pytest.mark.parametrize("wrong", [1.5, 1.0, float("nan"), float("inf"), "1", None, True])
def test_corners_are_integers(wrong: Any) -> None:
    with pytest.raises(InputError, match="should be in whole pixels"):
        Box(0, 0, 10, wrong)


# ── where it may stand ──


@pytest.mark.parametrize(
    ("signature", "words", "hint"),
    [
        ("(a: str) -> Box", "a Box needs a picture to lie on, but no parameter is an Image", "add a parameter: Image"),
        (
            "(a: str, b: Box) -> str",
            "a Box needs a picture to lie on, but no parameter is an Image",
            "add a parameter: Image",
        ),
        (
            "(a: list[Image]) -> Box",
            "a Box needs a picture to lie on, but no parameter is an Image",
            "add a parameter: Image",
        ),
        ("(a: Image, b: Image) -> Box", "a Box could lie on two pictures: a and b", 'Annotated[Box, From("a")]'),
        (
            "(a: Image, b: Image, c: Box) -> str",
            "a Box could lie on two pictures: a and b",
            'Annotated[Box, From("a")]',
        ),
        ('(a: Image) -> Annotated[Box, From("b")]', "no parameter is an Image called b", "there is a"),
        ("(a: Image) -> Ref[Image]", "has nothing to refer to: no parameter has the type list[Image]", "list[Image]"),
    ],
)
def test_a_box_belongs_to_one_picture(load_source: Any, signature: str, words: str, hint: str) -> None:
    places = " ".join(f"{{{name}}}" for name in "abc" if f"{name}:" in signature)
    with pytest.raises(RefError) as caught:
        load_source(f'{HEAD}@task\ndef f{signature}:\n    """What {places}?"""\n    ...\n')
    assert words in caught.value.message and hint in caught.value.hint
    assert "^" in caught.value.details[-1]


def test_the_hint_for_two_pictures_works(load_source: Any) -> None:
    source = (
        "class Pair(BaseModel):\n    first: Image\n    second: Image | None\n\n"
        '@task\ndef f(pair: Pair, old: Annotated[Box, From("pair.first")]) -> Annotated[Box, From("pair.second")]:\n'
        '    """In {pair}, where did {old} go?"""\n    ...\n'
    )
    declared = load_source(HEAD + source, "f").declaration
    assert declared.answer.path == ("pair", "second") and declared.parameters[1].value_type.path == ("pair", "first")


def test_a_box_on_a_picture_that_was_not_passed_is_an_input_error(load_source: Any) -> None:
    task = load_source(f'{HEAD}@task\ndef f(a: Image | None) -> Box:\n    """What {{a}}?"""\n    ...\n', "f")
    from plait import engine

    with engine.scripted({task: Box(0, 0, 1, 1)}), pytest.raises(InputError, match="no items to refer to"):
        task(None)


# ── the wire ──


@pytest.mark.parametrize(
    ("json_value", "words"),
    [
        ([1, 2, 3, 4], "should be an object with x0, y0, x1, y1"),
        ({"x0": 1, "y0": 2, "x1": 3}, "should be an object with x0, y0, x1, y1"),
        ({"x0": 1, "y0": 2, "x1": 3, "y1": 4, "z": 5}, "should be an object with x0, y0, x1, y1"),
        ({"x0": 1, "y0": 2, "x1": 3, "y1": 4.5}, "should be in whole pixels"),
        ({"x0": 3, "y0": 2, "x1": 1, "y1": 4}, "should have 0 <= x0 < x1"),
        ({"x0": 0, "y0": 0, "x1": 65, "y1": 4}, "lies outside of its picture, which has 64 x 48 pixels"),
        ({"x0": 0, "y0": 0, "x1": 4, "y1": 49}, "lies outside of its picture"),
    ],
)
def test_an_invalid_json_form_is_refused(json_value: Any, words: str) -> None:
    with pytest.raises(InvalidValue, match=words) as caught:
        KIND.decode(json_value, on((64, 48)))
    assert caught.value.faults[0].json_value == json_value


@pytest.mark.parametrize(
    "json_value", [[1, 2, 3], [1, 2, 3, "4"], [1, 2, 3, True], {"x0": 1, "y0": 2, "x1": 3, "y1": 4}, "x"]
)
def test_a_model_writes_a_list_of_four_numbers(json_value: Any) -> None:
    with pytest.raises(InvalidValue, match=r"should be a list of four numbers, \[x0, y0, x1, y1\]"):
        KIND.decode(json_value, on((64, 48), "per-mille"))


@pytest.mark.parametrize(
    ("frame", "json_value"),
    [("per-mille", [0, 0, 1_001, 9]), ("unit", [0, 0, 0.5, 1.1]), ("pixels", [0, 0, 9, 49]), ("pixels", [0, 0, 65, 9])],
)
def test_a_box_outside_of_the_picture_is_refused_in_every_format(frame: str, json_value: Any) -> None:
    with pytest.raises(InvalidValue, match="lies outside of its picture"):
        KIND.decode(json_value, on((64, 48), frame))


@pytest.mark.parametrize("frame", FORMAT_DESCRIPTIONS)
def test_a_reversed_or_empty_box_is_refused_in_every_format(frame: str) -> None:
    for json_value in ([0.9, 0, 0.1, 1], [0, 0, 0, 1], [0, 1, 1, 1], [-0.1, 0, 1, 1]):
        with pytest.raises(InvalidValue, match="should have 0 <= x0 < x1"):
            KIND.decode(json_value, on((64, 48), frame))  # type: ignore[arg-type]


# ── frames ──


def test_every_format_decodes_to_the_same_pixels() -> None:
    forms = {"per-mille": [125, 250, 500, 750], "unit": [0.125, 0.25, 0.5, 0.75], "pixels": [80, 120, 320, 360]}
    for frame, json_value in forms.items():
        assert KIND.decode(json_value, on((640, 480), frame)) == Box(80, 120, 320, 360)  # type: ignore[arg-type]
        assert KIND.encode(Box(80, 120, 320, 360), on((640, 480), frame)) == json_value


def test_pixel_coordinates_refer_to_the_picture_as_sent() -> None:
    context = on((4096, 2048), "pixels", sent=(2048, 1024))
    assert KIND.decode([10, 20, 30, 40], context) == Box(20, 40, 60, 80)
    assert KIND.encode(Box(20, 40, 60, 80), context) == [10, 20, 30, 40]
    assert KIND.grammar(context) == g.Array(g.Integer(0, 2048), 4, 4)


@given(boxes_on_pictures(1_000), st.sampled_from(["per-mille", "unit", "pixels"]))
def test_a_box_survives_every_format_up_to_a_thousand_pixels(case: tuple[tuple[int, int], Box], frame: str) -> None:
    size, box = case
    assert KIND.decode(KIND.encode(box, on(size, frame)), on(size, frame)) == box


@given(boxes_on_pictures(9_000))
def test_thousandths_of_a_large_picture_are_exact_to_one_and_a_half_units(case: tuple[tuple[int, int], Box]) -> None:
    (width, height), box = case
    context = on((width, height), "per-mille")
    again = KIND.decode(KIND.encode(box, context), context)
    assert isinstance(again, Box) and again.area > 0 and again.x1 <= width and again.y1 <= height
    for one, other, side in zip(corners(box), corners(again), (width, height) * 2, strict=True):
        assert abs(one - other) <= 1.5 * side / 1000 + 1  # a half by rounding, one where a thin box is widened


@given(boxes_on_pictures(BINS - 1))
def test_a_box_survives_the_bins_of_a_picture_with_no_more_pixels(case: tuple[tuple[int, int], Box]) -> None:
    size, box = case
    assert KIND.decode(KIND.encode(box, on(size, "bins")), on(size, "bins")) == box


@given(boxes_on_pictures(9_000))
def test_a_box_on_a_larger_picture_is_exact_to_one_and_a_half_bins(case: tuple[tuple[int, int], Box]) -> None:
    (width, height), box = case
    context = on((width, height), "bins")
    json_value = KIND.encode(box, context)
    assert isinstance(json_value, list) and all(isinstance(each, int) and 0 <= each < BINS for each in json_value)
    again = KIND.decode(json_value, context)
    assert isinstance(again, Box)
    for one, other in zip(corners(box), corners(again), strict=True):
        assert abs(one - other) <= 1.5 * max(width, height) / (BINS - 1) + 1


def test_the_first_and_the_last_bin_are_the_edges_along_the_longer_side() -> None:
    context = on((64, 48), "bins")
    assert KIND.encode(Box(0, 0, 64, 48), context) == [0, 0, BINS - 1, 383]
    assert KIND.decode([BINS - 2, 0, BINS - 1, 1], context) == Box(63, 0, 64, 1)  # what has an area keeps a pixel
    assert KIND.decode([0, 400, 8, BINS - 1], context) == Box(0, 47, 1, 48)  # and what lies below it, one of its last
    assert KIND.grammar(context) == g.BinnedBox(BINS)


def corners(box: Box) -> tuple[int, int, int, int]:
    return box.x0, box.y0, box.x1, box.y1


def test_the_grammar_is_bounded_by_the_picture() -> None:
    wide = on((640, 48))
    assert KIND.grammar(wide) == g.Object(
        (("x0", g.Integer(0, 640)), ("y0", g.Integer(0, 48)), ("x1", g.Integer(0, 640)), ("y1", g.Integer(0, 48)))
    )
    assert KIND.grammar(on((640, 48), "per-mille")) == g.Array(g.Integer(0, 1_000), 4, 4)
    assert KIND.grammar(on((640, 48), "unit")) == g.Array(g.Number(Decimal(0), Decimal(1)), 4, 4)


def test_an_unknown_format_is_reported_with_the_available_ones() -> None:
    with pytest.raises(SettingsError, match="'percent'") as caught:
        KIND.decode([1, 2, 3, 4], on((64, 48), "percent"))
    assert "per-mille" in caught.value.hint


@pytest.mark.parametrize(("frame", "words"), FORMAT_DESCRIPTIONS.items())
def test_the_prompt_names_the_box_format(frame: str, words: str) -> None:
    chat = prompt(locate.declaration, {"picture": SHELF, "phrase": "the mug"}, box_format=frame)
    assert chat.messages[0].content.endswith(f"[x0, y0, x1, y1]\nBoxes are [left, top, right, bottom] {words}.")
