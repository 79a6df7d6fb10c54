"""The examples of adapting to pictures write folders that `plait adapt` reads; the training itself takes minutes."""

import runpy
from pathlib import Path
from typing import Any

import pytest

from plait.core.task.task import Task
from plait.learning.data_sources import held_out_files
from plait.learning.held_out import Split, split_examples
from plait.learning.training_rows import examples_to_learn

EXAMPLES = Path(__file__).parents[2] / "examples"


class AdaptCalledError(Exception):
    """Ends an example where it would begin to train."""


@pytest.mark.parametrize(
    ("example", "learned", "held_out"), [("adapt_pictures.py", 336, 81), ("adapt_style.py", 200, 40)]
)
def test_the_folder_of_an_example_has_rows_to_learn_and_rows_that_decide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, example: str, learned: int, held_out: int
) -> None:
    split: list[Split] = []

    def read(task: Task[..., Any], folder: str, model: str) -> None:
        assert model == "plait-nano" and Path("plait.toml").is_file()
        paths, declaration = [Path(folder)], task.declaration
        examples = examples_to_learn(declaration, paths, lambda line: None)
        split.append(split_examples(declaration, examples, tmp_path, held_out_files(declaration, paths)))
        raise AdaptCalledError

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Task, "adapt", read)
    with pytest.raises(AdaptCalledError):
        runpy.run_path(str(EXAMPLES / example))
    (found,) = split
    assert len(found.held_out) == held_out and learned * 0.9 < len(found.examples) + found.left_out <= learned
