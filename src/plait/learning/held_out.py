"""Held-out rows: what candidate and champion are compared on, and what is therefore never learned.

They come from the files beside the task; otherwise they are answers that were marked right, and whole groups of nearly
equal examples. The assignment of a group stays as it was when the task was first adapted.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from plait.core.errors import InputError, SettingsError
from plait.core.evaluation.aggregation import MAX_SLICE_VALUES
from plait.core.prompting.example_rows import Example, example_from_json
from plait.core.prompting.examples import Examples
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import create, make_private_folder
from plait.core.values.json_value import Json
from plait.learning.data_sources import held_out_rows, labelled_example
from plait.learning.near_inputs import InputTexts, NearInputs, group_numbers, group_texts, input_texts
from plait.storage.database import current_database
from plait.storage.feedback_table import rated_answers

MIN_EXAMPLES_TO_SPLIT = 20  # of fewer not half could be held out and ten learned
LEAST_ROWS = 20
HELD_OUT_SHARE = 0.2
EXPECTED_ROWS = 25  # rows to be held out of few examples, so that 20 are there in all likelihood


@dataclass(frozen=True)
class HeldOutRow:
    """A row with its right answer, and the short values of its other columns."""

    where: str
    example: Example
    slices: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Split:
    """Examples to learn, and held-out rows. `left_out` examples are neither: their inputs are nearly those of held-out
    rows.
    """

    source: str
    held_out: tuple[HeldOutRow, ...]
    examples: tuple[Example, ...]
    left_out: int


def split_examples(
    declaration: Declaration, examples: Sequence[Example], folder: Path, held_out_files: Sequence[Path] = ()
) -> Split:
    """What is learned of these examples, and what is held out. `folder` keeps the assignment of groups.

    `held_out_files` are others than those beside the task.
    """
    files = [*Examples(declaration).held_out_files, *held_out_files]
    if files:
        rows = distinct_rows(declaration, (row for file in files for row in file_rows(declaration, file)))
        learned, left_out = without_near(declaration, examples, rows)
        return Split(", ".join(each.name for each in files), rows, learned, left_out)
    rated = rated_rows(declaration)
    share = max(HELD_OUT_SHARE, min(0.5, (EXPECTED_ROWS - len(rated)) / max(len(examples), 1)))
    chosen = [False] * len(examples)
    if len(examples) >= MIN_EXAMPLES_TO_SPLIT and share * len(examples) + len(rated) >= LEAST_ROWS:
        chosen = group_assignment(declaration, examples, folder, share)
    pairs = list(enumerate(zip(examples, chosen, strict=True), 1))
    own = (HeldOutRow(f"example {number}", each) for number, (each, is_held_out) in pairs if is_held_out)
    rows = distinct_rows(declaration, (*rated, *own))
    learned, left_out = without_near(declaration, (each for _, (each, is_held_out) in pairs if not is_held_out), rows)
    source = f"{len(rated):,} answers that were marked right and {sum(chosen):,} of {len(examples):,} examples"
    return Split(source, rows, learned, left_out)


def rated_rows(declaration: Declaration) -> list[HeldOutRow]:
    """The recorded answers that people marked right, if they fit the task; no example is among them."""
    project = project_key(project_folder(declaration))
    rows: list[HeldOutRow] = []
    for answer in rated_answers(current_database(), project, declaration.name, declaration.fingerprint):
        if answer.is_held_out:
            try:
                columns: dict[str, Json] = {**answer.inputs, "answer": answer.answer}
                example = example_from_json(declaration, columns, f"answer {answer.id}", needs_quotes=False)
            except InputError:
                continue
            rows.append(HeldOutRow(f"answer {answer.id}", replace(example, correction=answer.id, is_right=True)))
    return rows


def file_rows(declaration: Declaration, file: Path) -> Iterator[HeldOutRow]:
    """The rows of a file of held-out rows. Raises InputError with the line at fault."""
    for row in held_out_rows(declaration, file):
        yield HeldOutRow(row.where, labelled_example(declaration, row), row.slices())


def distinct_rows(declaration: Declaration, rows: Iterable[HeldOutRow]) -> tuple[HeldOutRow, ...]:
    """The first row of those with the same inputs."""
    by_inputs: dict[InputTexts, HeldOutRow] = {}
    for row in rows:
        by_inputs.setdefault(input_texts(declaration, row.example.inputs), row)
    return tuple(by_inputs.values())


def without_near(
    declaration: Declaration, examples: Iterable[Example], rows: Sequence[HeldOutRow]
) -> tuple[tuple[Example, ...], int]:
    """The examples that are in no group of a held-out row, and the number of the others."""
    every = list(examples)
    near = NearInputs.of(group_texts(declaration, row.example.inputs) for row in rows)
    kept = tuple(each for each in every if not any(True for _ in near.near(group_texts(declaration, each.inputs))))
    return kept, len(every) - len(kept)


# ── groups of examples ──


def group_assignment(declaration: Declaration, examples: Sequence[Example], folder: Path, share: float) -> list[bool]:
    """Whether each example is held out: as its group was assigned before, otherwise by a digest of the group."""
    texts = [group_texts(declaration, each.inputs) for each in examples]
    digests, groups = [text_digest(each) for each in texts], group_numbers(texts)
    file = folder / "held-out.json"
    known = read_assignment(file)
    members: dict[int, list[str]] = {}
    for digest, group in zip(digests, groups, strict=True):
        members.setdefault(group, []).append(digest)
    by_group = {group: is_held_out(each, known, share) for group, each in members.items()}
    chosen = [by_group[number] for number in groups]
    write_assignment(file, known | dict(zip(digests, chosen, strict=True)))
    return chosen


def is_held_out(members: Sequence[str], known: Mapping[str, bool], share: float) -> bool:
    """Whether a group is: as any of its members was before, otherwise by a digest that does not depend on its size."""
    before = [known[digest] for digest in members if digest in known]
    if before:
        return any(before)
    return int.from_bytes(hashlib.sha256(min(members).encode()).digest()[:8]) < share * 2**64


def text_digest(texts: InputTexts) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]


def read_assignment(file: Path) -> dict[str, bool]:
    """Whether the examples of these digests are held out. Raises SettingsError for a damaged file."""
    try:
        return json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingsError(f"{file} cannot be read: {error}", hint=f"rm {file} assigns held-out rows anew") from None


def write_assignment(file: Path, assignment: Mapping[str, bool]) -> None:
    try:
        make_private_folder(file.parent)
        create(file, json.dumps(assignment, sort_keys=True, indent=0).encode())
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}", hint="set PLAIT_DATA") from None


# ── samples ──


def sample_rows(rows: Sequence[HeldOutRow], count: int) -> tuple[HeldOutRow, ...]:
    """At most `count` rows, the same in every run: as many of each combination of columns as their share is.

    Rows are ranked by their columns with few values, then by a digest, and taken at equal distances.
    """
    if len(rows) <= count:
        return tuple(rows)
    columns = [
        name
        for name in sorted({name for row in rows for name in row.slices})
        if len({row.slices.get(name) for row in rows}) <= MAX_SLICE_VALUES
    ]
    ranked = sorted(rows, key=lambda row: ([row.slices.get(name, "") for name in columns], row_digest(row)))
    return tuple(ranked[int((index + 0.5) * len(rows) / count)] for index in range(count))


def row_digest(row: HeldOutRow) -> str:
    return hashlib.sha256(f"gate {row.where.rpartition('/')[2]}".encode()).hexdigest()
