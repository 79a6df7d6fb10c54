"""Rows to adapt a model to extract_invoice with: learnable, varied, and nothing of the held-out rows among them."""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random
from types import ModuleType

import pytest

from plait.core.prompting.example_rows import example_from_json
from plait.core.prompting.prompt import answer_text
from plait.tasks.extract_invoice import extract_invoice

RECIPE = Path(__file__).resolve().parents[2] / "recipes/data/extract_invoice.py"
COUNT = 240


@pytest.fixture(scope="module")
def recipe() -> Iterator[ModuleType]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(RECIPE.parent))
        patch.setattr(sys, "dont_write_bytecode", True)
        import extract_invoice as recipe_module

        yield recipe_module


@pytest.fixture(scope="module")
def rows(recipe: ModuleType) -> list[dict]:
    return list(recipe.training_rows(COUNT, recipe.decontamination()))


def test_the_command_writes_the_same_rows_every_time(rows: list[dict], tmp_path: Path) -> None:
    file = tmp_path / "rows.jsonl"
    subprocess.run([sys.executable, "-B", RECIPE, "--training", file, "40"], check=True)
    assert [json.loads(line) for line in file.read_text("utf-8").splitlines()] == rows[:40]


def test_every_value_is_quoted_from_the_text(rows: list[dict]) -> None:
    for row in rows:
        example = example_from_json(extract_invoice.declaration, row, "row")
        written = json.loads(answer_text(extract_invoice.declaration, example.inputs, example.answer))
        quoted = [written["number"], written["issued"], written["seller"], *(line["what"] for line in written["lines"])]
        words = " ".join(row["text"].split())
        assert all(each.partition(" = ")[0] in words for each in quoted if each), row


def test_a_quantity_above_one_stands_in_the_text(rows: list[dict]) -> None:
    from invoices.training.prose import COUNTS

    spelled = {word: number for words in COUNTS.values() for number, word in enumerate(words, 1)}
    for row in rows:
        figures = {float(each) for run in re.findall(r"\d[\d.,]*", row["text"]) for each in readings(run)}
        figures |= {number for word, number in spelled.items() if word in row["text"]} | {1}
        assert all(line["quantity"] in figures for line in row["answer"]["lines"]), row


def readings(run: str) -> Iterator[str]:
    """The values that a figure may have, with a decimal comma and a decimal point."""
    plain = run.rstrip(".,")
    for group, decimal in (",.", ".,"):
        if re.fullmatch(r"\d+(\.\d+)?", value := plain.replace(group, "").replace(decimal, ".")):
            yield value


def test_no_layout_seller_or_product_of_seeds_and_held_out_rows_occurs(recipe: ModuleType, rows: list[dict]) -> None:
    others = recipe.decontamination()
    assert len({row["text"] for row in rows}) == COUNT
    assert not any(others.known_names(row) for row in rows)
    assert max(map(others.shared, rows)) <= 0.25


def test_rows_of_held_out_layouts_would_be_found(recipe: ModuleType) -> None:
    """The negative control: other invoices in the layouts of the held-out file, and its own with other sellers."""
    from invoices.rows import generate_row

    others, rng = recipe.decontamination(), Random(7)
    fresh = [generate_row(layout, False, rng) for layout in recipe.LAYOUTS for _ in range(3)]
    assert sum(not others.accepts(row) for row in fresh) / len(fresh) > 0.8
    renamed = json.loads(json.dumps(recipe.held_out()).replace("Quillmere", "Someone"))
    assert not any(map(others.accepts, renamed))


def test_more_than_sixty_layouts_take_turns_in_three_languages(recipe: ModuleType, rows: list[dict]) -> None:
    from invoices.training.layouts import LAYOUTS
    from invoices.training.rows import SHARES

    assert len({layout.name for layout in LAYOUTS}) >= 60
    assert not {layout.name for layout in LAYOUTS} & {layout.name for layout in recipe.LAYOUTS}
    for language in SHARES:
        assert sum(language in layout.languages for layout in LAYOUTS) > 45
    chinese = sum(bool(re.search("[一-鿿]", row["text"])) for row in rows) / COUNT
    assert abs(chinese - SHARES["zh"]) < 0.08


def test_rows_cover_absent_values_currencies_and_several_lines(rows: list[dict]) -> None:
    answers = [row["answer"] for row in rows]
    assert all(any(answer[field] is None for answer in answers) for field in ("number", "issued", "seller"))
    assert min(Counter(answer["currency"] for answer in answers).values()) > COUNT / 10
    assert sum(len(answer["lines"]) > 1 for answer in answers) > COUNT / 2
    assert any(line["price"] == 0 for answer in answers for line in answer["lines"])


def test_an_absent_seller_is_named_nowhere(recipe: ModuleType) -> None:
    from invoices.training import rows as generator
    from invoices.training.labels import LABELS
    from invoices.training.layouts import LAYOUTS
    from invoices.training.sheet import Sheet

    rng = Random(3)
    for layout in (layout for layout in LAYOUTS if layout.can_omit):
        bill, fmt = generator.sample_bill("en", rng)
        sheet = Sheet(bill, fmt, LABELS["en"], rng, ": ")
        assert bill.seller.name in "\n".join(layout.lines(sheet)), layout.name
        assert bill.number in "\n".join(layout.lines(sheet)), layout.name
        assert bill.seller.name not in "\n".join(layout.lines(sheet.without("seller"))), layout.name
        assert bill.number not in "\n".join(layout.lines(sheet.without("number"))), layout.name
