"""The typed mixture: every row is one of its task, tasks differ, and the six kinds to judge by are kept out."""

import ast
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from plait.core.prompting.example_rows import example_from_json
from plait.core.prompting.prompt import answer_text, prompt
from plait.core.task.declaration import Declaration
from plait.service.catalog import tasks_in
from plait.service.task_module import import_file

RECIPE = Path(__file__).resolve().parents[2] / "recipes/data/typed_mixture.py"
KINDS = {"extraction", "list extraction", "classification", "yes or no", "choice", "cited answer", "short record",
         "command or nothing"}  # fmt: skip
LEFT_OUT = {"appointment", "signature", "review", "headline", "dish", "ingredients"}


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("typed mixture")
    for option, count in (("training", ["330"]), ("evaluation", [])):
        command = [sys.executable, "-B", RECIPE, f"--{option}", folder / option, *count]
        subprocess.run(command, check=True)
    return {"training": folder / "training", "evaluation": folder / "evaluation"}


def rows(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "rows.jsonl").read_text("utf-8").splitlines()]


def declarations(folder: Path) -> dict[str, Declaration]:
    return {task.declaration.name: task.declaration for task in tasks_in(import_file(folder / "tasks.py"))}


@pytest.mark.parametrize("part", ["training", "evaluation"])
def test_every_row_is_an_example_of_its_task_and_can_be_written(folders: dict[str, Path], part: str) -> None:
    declared = declarations(folders[part])
    for row in rows(folders[part]):
        declaration = declared[row["task"]]
        example = example_from_json(declaration, {**row["inputs"], "answer": row["answer"]}, row["task"])
        assert answer_text(declaration, example.inputs, example.answer)
        assert list(row) == ["task", "kind", "language", "inputs", "answer"]
    assert {row["task"] for row in rows(folders[part])} == set(declared), "each task has rows"


def test_the_command_writes_the_same_files_every_time(folders: dict[str, Path], tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-B", RECIPE, "--evaluation", tmp_path], check=True)
    for name in ("tasks.py", "rows.jsonl"):
        assert (tmp_path / name).read_bytes() == (folders["evaluation"] / name).read_bytes()


def test_eight_kinds_of_tasks_differ_in_what_the_model_reads(folders: dict[str, Path]) -> None:
    declared, known = declarations(folders["training"]), rows(folders["training"])
    assert {row["kind"] for row in known} == KINDS
    shown = Counter()
    for row in {row["task"]: row for row in known}.values():
        declaration = declared[row["task"]]
        example = example_from_json(declaration, {**row["inputs"], "answer": row["answer"]}, row["task"])
        shown[prompt(declaration, example.inputs).messages[0].content, str(declaration.instruction)] += 1
    assert len(shown) > 0.75 * len(declared)
    assert 0.2 < sum(row["language"] == "zh" for row in known) / len(known) < 0.35


def test_nothing_of_the_six_kinds_is_in_the_mixture(folders: dict[str, Path]) -> None:
    training, evaluation = (words_shown(folders[part]) for part in ("training", "evaluation"))
    assert {row["kind"] for row in rows(folders["evaluation"])} == LEFT_OUT
    assert not training & evaluation
    texts = [{json.dumps(row["inputs"], ensure_ascii=False) for row in rows(folder)} for folder in folders.values()]
    assert not texts[0] & texts[1]


def test_a_task_that_is_in_both_would_be_found(folders: dict[str, Path], tmp_path: Path) -> None:
    """The negative control: a task of the mixture with another name among those to judge by."""
    source = (folders["training"] / "tasks.py").read_text("utf-8")
    (tmp_path / "tasks.py").write_text(source.replace("def facts_en_1(", "def other("), "utf-8")
    assert words_shown(tmp_path) == words_shown(folders["training"])


def words_shown(folder: Path) -> set[str]:
    """Instructions, field names and label words of the tasks of a folder."""
    tree = ast.parse((folder / "tasks.py").read_text("utf-8"))
    fields = {node.target.id for node in ast.walk(tree) if isinstance(node, ast.AnnAssign)}  # pyright: ignore
    literals = re.findall(r"Literal\[([^\]]+)\]", ast.unparse(tree))
    labels = {label for each in literals for label in re.findall(r"'([^']+)'", each)}
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
    return fields | labels | {ast.get_docstring(function) or "" for function in functions}


@pytest.mark.parametrize("kind", ["choice", "command or nothing", "cited answer", "classification"])
def test_some_rows_have_nothing_that_fits(folders: dict[str, Path], kind: str) -> None:
    written = [
        json.dumps(row["answer"], ensure_ascii=False) for row in rows(folders["training"]) if row["kind"] == kind
    ]
    nothing = r"null|Nothing|Ignore|NoChange|不变|忽略|none_of_these|other|something_else|都不是|其他"
    share = sum(bool(re.search(nothing, answer)) for answer in written) / len(written)
    assert 0.05 < share < 0.5
