"""Frames of lines: what stays the same when the values of a text change. Names and rows of held-out files are found."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

FOLDER = Path(__file__).resolve().parents[2] / "recipes/data"
NAMES = st.text("abcdefgh é一二", min_size=3, max_size=20).map(str.strip).filter(lambda text: len(text) > 2)
FIGURES = st.integers(0, 10**6).map(str) | st.decimals(0, 9999, places=2).map(str)


@pytest.fixture(scope="module")
def decontamination() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(FOLDER))
        patch.setattr(sys, "dont_write_bytecode", True)
        import decontamination

        yield decontamination


def invoice(name: str, figure: str) -> dict:
    return {"text": f"From: {name}\nInvoice no. {figure}\n  Total   {figure} EUR\n-- {figure} --", "name": name}


@given(NAMES, NAMES, FIGURES, FIGURES)
def test_frames_do_not_depend_on_names_and_figures(
    decontamination: ModuleType, one: str, other: str, figure: str, another: str
) -> None:
    rows = invoice(one, figure), invoice(other, another)
    first, second = (decontamination.frames(row["text"], [row["name"]]) for row in rows)
    assert first == second == {"from: □", "invoice no. 0", "total 0 eur"}


def test_a_text_with_the_frames_of_a_held_out_row_is_refused_and_another_is_not(decontamination: ModuleType) -> None:
    others = decontamination.Decontamination.of(
        [invoice("Elm & Co", "17")], lambda row: row["text"], lambda row: [row["name"]]
    )
    assert others.shared(invoice("Oak Ltd", "2.50")) == 1
    assert not others.accepts(invoice("Oak Ltd", "2.50"))
    assert others.accepts({"text": "Oak Ltd wants three pounds", "name": "Oak Ltd"})


def test_a_name_of_a_held_out_row_is_refused_in_any_case(decontamination: ModuleType) -> None:
    others = decontamination.Decontamination.of(
        [invoice("Elm & Co", "17")], lambda row: row["text"], lambda row: [row["name"]]
    )
    assert others.known_names({"text": "something else", "name": "ELM & CO"}) == {"ELM & CO"}
    assert not others.accepts({"text": "something else", "name": "ELM & CO"})


@given(st.text("ab c.", max_size=40), st.text("xyz", min_size=6, max_size=6))
def test_a_run_is_found_whatever_stands_around_it(decontamination: ModuleType, around: str, run: str) -> None:
    assert run in decontamination.runs(f"{around}{run.upper()}, {around}", 6)
    assert decontamination.runs(around, 6).isdisjoint({run})
