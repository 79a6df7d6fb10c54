"""The examples of adapting to rows: the command of each README names files whose rows can all be learned."""

from pathlib import Path

import pytest

from plait.learning.data_sources import held_out_files
from plait.learning.held_out import split_examples
from plait.learning.training_rows import examples_to_learn
from plait.service.catalog import find_task

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("example", "learned", "held_out"), [("bills", 200, 60), ("lights", 200, 60), ("notes", 160, 40)]
)
def test_no_row_of_an_example_is_near_one_that_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: str, learned: int, held_out: int
) -> None:
    monkeypatch.chdir(ROOT)
    (command,) = [
        line.split() for line in Path(f"examples/{example}/README.md").read_text().splitlines() if "--data" in line
    ]
    declaration, data = find_task(command[2])[0].declaration, [Path(command[-1])]
    examples = examples_to_learn(declaration, data, lambda line: None)
    split = split_examples(declaration, examples, tmp_path, held_out_files(declaration, data))
    assert (len(split.examples), len(split.held_out), split.left_out) == (learned, held_out, 0)
