"""The rows of extract_invoice, read again by a reader that knows nothing of the recipe that wrote them."""

import json
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from itertools import product
from pathlib import Path
from typing import Literal

import pytest
from pydantic import BaseModel, Field

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "recipes/data/extract_invoice.py"
DOCS = (ROOT / "docs/data/extract_invoice.md").read_text()


class Line(BaseModel, extra="forbid"):
    what: str
    quantity: float = Field(gt=0)
    price: float = Field(ge=0)


class Invoice(BaseModel, extra="forbid"):
    number: str
    issued: date
    seller: str
    lines: list[Line] = Field(min_length=1, max_length=50)
    currency: Literal["EUR", "USD", "GBP", "CNY"]


def rows(name: str) -> list[dict]:
    return [
        json.loads(line) for line in (ROOT / f"src/plait/tasks/{name}/extract_invoice.jsonl").read_text().splitlines()
    ]


SEEDS, HELD_OUT = rows("seeds"), rows("held_out")
EVERY = [pytest.param(row, id=f"{row.get('layout', 'seed')} {row['answer']['number']}") for row in SEEDS + HELD_OUT]


@pytest.mark.parametrize("row", EVERY)
def test_every_field_can_be_found_in_the_text(row):
    text, answer = row["text"], row["answer"]
    assert answer["number"] in text
    assert date.fromisoformat(answer["issued"]) in dates(text)
    assert with_ocr_errors_corrected(answer["seller"]) in with_ocr_errors_corrected(text)
    assert currencies(text) == {answer["currency"]}
    amounts = numbers(text)
    for line in answer["lines"]:
        assert with_ocr_errors_corrected(line["what"]) in with_ocr_errors_corrected(text)
        assert line["price"] in amounts
        assert line["quantity"] in amounts | words(text) | {1}  # one piece goes without saying


@pytest.mark.parametrize("row", EVERY)
def test_an_answer_is_an_invoice_with_its_keys_in_order(row):
    Invoice.model_validate(row["answer"])
    assert list(row["answer"]) == list(Invoice.model_fields)
    assert all(list(line) == list(Line.model_fields) for line in row["answer"]["lines"])


def test_only_scanned_pages_have_misspelled_names():
    for row in HELD_OUT:
        names = [row["answer"]["seller"], *(line["what"] for line in row["answer"]["lines"])]
        assert row["layout"].endswith(", scanned") or all(name in row["text"] for name in names)


def test_quantity_times_price_equals_a_printed_sum():
    def fits(row: dict) -> bool:
        printed, amounts = numbers(row["text"]), [line["quantity"] * line["price"] for line in row["answer"]["lines"]]
        return all(is_near(amount, printed) for amount in amounts) or is_near(sum(amounts), printed)

    odd = [row["layout"] for row in HELD_OUT if not fits(row)]
    # These print unit prices and a total with tax or shipping; the sum of the lines is left to the reader.
    expected = {"mail, prose", "forwarded mail", "Bestellmail", "订单消息"}
    assert {layout.removesuffix(", scanned") for layout in odd} <= expected


def test_no_held_out_text_is_a_seed_or_repeated():
    texts = Counter(row["text"] for row in SEEDS + HELD_OUT)
    assert max(texts.values()) == 1
    examples = {(ROOT / f"examples/{name}.txt").read_text().strip() for name in ("invoice", "invoice-zh")}
    assert not examples & set(texts)


def test_held_out_companies_are_not_in_the_seeds():
    assert not {row["answer"]["seller"] for row in SEEDS} & {row["answer"]["seller"] for row in HELD_OUT}


def test_the_first_three_seeds_are_short_and_cover_three_layouts_languages_and_currencies(seed_layouts):
    first_seeds = SEEDS[:3]
    assert all(len(row["text"]) < 600 for row in first_seeds)
    assert [row["answer"]["currency"] for row in first_seeds] == ["EUR", "USD", "CNY"]
    assert [any("一" <= sign <= "鿿" for sign in row["text"]) for row in first_seeds] == [False, False, True]
    assert len(set(seed_layouts[:3])) == 3


def test_files_have_the_stated_number_of_rows_and_keys():
    assert (len(SEEDS), len(HELD_OUT)) == (16, 500)
    assert all(list(row) == ["text", "answer"] for row in SEEDS)
    assert all(list(row) == ["text", "answer", "language", "layout", "currency", "by_hand"] for row in HELD_OUT)


def test_the_columns_beside_the_answer_are_correct():
    assert all(row["currency"] == row["answer"]["currency"] for row in HELD_OUT)
    assert all(row["by_hand"] is (row["layout"] == "by hand") for row in HELD_OUT)
    assert sum(row["by_hand"] for row in HELD_OUT) == 14


def test_the_documented_counts_of_layouts_languages_and_currencies_are_correct():
    plain, scanned = Counter(), Counter()
    for row in HELD_OUT:
        layout, mark = row["layout"].removesuffix(", scanned"), row["layout"].endswith(", scanned")
        plain[layout, row["language"]] += 1
        scanned[layout, row["language"]] += mark
    table = [
        f"| {layout} | {language} | {n} | {scanned[layout, language]} |" for (layout, language), n in plain.items()
    ]
    assert [line for line in table if line not in DOCS] == []
    counted = Counter(row["language"] for row in HELD_OUT) + Counter(row["answer"]["currency"] for row in HELD_OUT)
    assert [f"{n} {name}" for name, n in counted.items() if f"{n} {name}" not in DOCS] == []


def test_many_layouts_never_occur_in_the_seeds(seed_layouts):
    known = {layout.removesuffix(", scanned") for layout in seed_layouts}
    unseen = {row["layout"].removesuffix(", scanned") for row in HELD_OUT} - known
    assert len(unseen) >= 20


def test_the_recipe_reproduces_these_files_byte_for_byte():
    process = subprocess.run([sys.executable, "-B", RECIPE, "--check"], capture_output=True, text=True)
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.fixture
def seed_layouts(monkeypatch) -> list[str]:
    monkeypatch.syspath_prepend(RECIPE.parent)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    from invoices.by_hand import SEEDS as written

    return [row["layout"] for row in written]


MONTHS = {"mär": 3, "mai": 5, "okt": 10, "dez": 12} | {
    name: month for month, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)
}
WORDS = "one two three four five six seven eight nine ten eleven twelve".split()
MORE_WORDS = {"once": 1, "zwei": 2, "sechs": 6, "两": 2}
SIGNS = {
    "EUR": r"€|(?<![A-Z])EUR(?![A-Z])|\b[Ee]uros?\b|欧元",
    "USD": r"\$|(?<![A-Z])USD(?![A-Z])|美元",
    "GBP": r"£|(?<![A-Z])GBP(?![A-Z])|英镑|\bpounds\b",
    "CNY": r"[¥￥]|(?<![A-Z])(?:RMB|CNY)(?![A-Z])|(?<![欧美])元|人民币",
}


def dates(text: str) -> set[date]:
    """Every day the text may name; a date that can be read in two ways counts in both."""
    matches = [(y, m, d) for y, m, d in re.findall(r"(\d{4}) ?[-/.年] ?(\d{1,2}) ?[-/.月] ?(\d{1,2})", text)]
    for one, other, year in re.findall(r"\b(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})\b", text):
        matches += [(year, one, other), (year, other, one)]
    day_first = r"\b(\d{1,2})(?:st|nd|rd|th)?[. -]{1,2}([A-Za-zä]{3,9})[ -](\d{4}|\d{2})\b"
    matches += [(year, MONTHS.get(name[:3].lower(), 0), day) for day, name, year in re.findall(day_first, text)]
    month_first = r"\b([A-Z][a-z]{2,8}) (\d{1,2}), (\d{4})\b"
    matches += [(year, MONTHS.get(name[:3].lower(), 0), day) for name, day, year in re.findall(month_first, text)]
    return {day for named in matches if (day := real_day(*map(int, named)))}


def real_day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year % 100 + 2000, month, day)
    except ValueError:
        return None


def numbers(text: str) -> set[float]:
    """Every value that a figure may have, with the decimal comma and with the decimal point."""
    values = set()
    for figure, (group, decimal) in product(re.findall(r"\d[\d.,]*", text), (",.", ".,")):
        try:
            values.add(float(figure.rstrip(".,").replace(group, "").replace(decimal, ".")))
        except ValueError:
            pass  # 14.03.2026 is no number in either
    return values


def words(text: str) -> set[float]:
    tokens = set(re.findall(r"[a-z]+", text.lower()))
    return {n for n, word in enumerate(WORDS, 1) if word in tokens} | {
        n for word, n in MORE_WORDS.items() if word in text
    }


def is_near(amount: float, candidates: set[float]) -> bool:
    return any(abs(amount - number) < 0.0051 for number in candidates)


def currencies(text: str) -> set[str]:
    return {code for code, signs in SIGNS.items() if re.search(signs, text)}


def with_ocr_errors_corrected(text: str) -> str:
    """The text with all that a scanner confuses made equal."""
    for seen, correct in (("号.", "号"), ("頟", "额"), ("単", "单"), ("台", "合"), ("rn", "m"), ("cl", "d"), ("I", "l"),
                        ("1", "l"), ("0", "o"), ("í", "i")):  # fmt: skip
        text = text.replace(seen, correct)
    return " ".join(text.split())
