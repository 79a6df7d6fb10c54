"""Rows as programs write them: delimiters, marks, encodings; what cannot be read is one error for the file."""

import codecs
import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait import task
from plait.core.errors import InputError, error_text
from plait.core.evaluation.rows import count_rows, read_rows, unused_columns
from tests.support.shout_examples import examples_file

cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@task
def letter(text: str, sender: str = "") -> str:
    """Answer {text} of {sender}."""
    ...


def inputs_of(file: Path) -> list[dict[str, object]]:
    rows = list(read_rows(letter.declaration, file))
    assert count_rows(file) == len(rows)
    return [row.inputs() for row in rows]


@given(
    rows=st.lists(st.tuples(cells.filter(str.strip), cells), max_size=5),
    delimiter=st.sampled_from(",;\t"),
    mark=st.sampled_from([b"", codecs.BOM_UTF8]),
    line_end=st.sampled_from(["\r\n", "\n"]),
    suffix=st.sampled_from([".csv", ".CSV"]),
    named=st.booleans(),
)
def test_what_a_program_writes_is_read(
    rows: list[tuple[str, str]], delimiter: str, mark: bytes, line_end: str, suffix: str, named: bool
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerows([["text", "sender"], *rows])
    with TemporaryDirectory() as folder:
        file = Path(folder, f"rows{suffix}")
        first = f"sep={delimiter}{line_end}" if named else ""
        file.write_bytes(mark + (first + text.getvalue()).encode())
        assert inputs_of(file) == [{"text": text, "sender": sender} for text, sender in rows]
        wheres = [row.where for row in read_rows(letter.declaration, file)][:1]
        assert wheres == [f"{file}:{2 + named}"][: len(rows)]


@pytest.mark.parametrize(
    ("content", "texts"),
    [
        ("text;from\nHello, you;a\n", ["Hello, you"]),
        ("text\tfrom\na; b, c\td\n", ["a; b, c"]),
        ('"text";"a,b"\nx;y\n', ["x"]),
        ("text\nno; delimiter\there\n", ["no; delimiter\there"]),
        ("text,from;x\na,b\n", ["a"]),
        ("text,,\na,,\n", ["a"]),
    ],
)
def test_the_delimiter_is_that_of_the_header(content: str, texts: list[str], tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text(content)
    assert [each["text"] for each in inputs_of(file)] == texts


def test_cells_beyond_the_header_are_the_error_of_their_row(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("text,sender\na,b\nHello, you,c\nd,e,,\n")
    good, bad, padded = read_rows(letter.declaration, file)
    assert good.inputs() and padded.inputs() == {"text": "d", "sender": "e"}
    with pytest.raises(InputError) as caught:
        bad.inputs()
    assert caught.value.message == f'{file}:3 has more cells than the header has columns: "c"'


@pytest.mark.parametrize("suffix", [".jsonl", ".JSONL", ".ndjson"])
def test_a_mark_before_json_lines_is_no_part_of_them(suffix: str, tmp_path: Path) -> None:
    file = tmp_path / f"rows{suffix}"
    file.write_bytes(codecs.BOM_UTF8 + b'{"text": "a"}\r\n\r\n{"text": "b"}')
    assert [each["text"] for each in inputs_of(file)] == ["a", "b"]
    file.write_bytes(codecs.BOM_UTF8 + b"\n")
    assert inputs_of(file) == []


@pytest.mark.parametrize("encoding", ["cp1252", "gbk", "utf-16"])
def test_another_encoding_is_one_error_for_the_file_with_the_command_that_converts_it(
    encoding: str, tmp_path: Path
) -> None:
    file = tmp_path / "rows.csv"
    file.write_bytes(
        "text\ngood\n\u4e2d\u6587\n".encode(encoding) if encoding != "cp1252" else b"text\ngood\ncaf\xe9\n"
    )
    for read in (lambda: count_rows(file), lambda: list(read_rows(letter.declaration, file))):
        with pytest.raises(InputError) as caught:
            read()
        text = error_text(caught.value)
        assert "cannot be read: it is" in text and "iconv -f" in text and "rows-utf8.csv" in text
        assert encoding != "cp1252" or (f"{file}:3" in text and "café" in text)


def test_a_column_that_occurs_twice_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("text,text\na,b\n")
    with pytest.raises(InputError, match="has 2 columns called text"):
        count_rows(file)


def test_columns_that_are_no_inputs_are_listed(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("text;from;;\na;b;;\n")
    assert unused_columns(letter.declaration, file) == ["from"]


def test_seeds_added_and_held_out_examples_may_begin_with_a_mark(tmp_path: Path) -> None:
    line = json.dumps({"text": "a", "sender": "b", "answer": "c"}).encode()
    file = tmp_path / "rows.jsonl"
    file.write_bytes(codecs.BOM_UTF8 + line)
    (row,) = read_rows(letter.declaration, file)
    assert row.example().answer == "c"
    added = examples_file(letter.declaration)
    added.parent.mkdir(parents=True)
    added.write_bytes(codecs.BOM_UTF8 + line)
    assert [each.answer for each in letter.examples] == ["c"]
    assert [each.answer for each in letter.examples.nearest({"text": "a", "sender": ""}, 2)] == ["c"]
