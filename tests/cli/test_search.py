"""`plait search`: what it prints, what it refuses, and what it says when a package is missing."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from plait.cli.search import search
from plait.core.errors import InputError, MissingDependency, ModelNotFound, error_text

pytest.importorskip("torch")

from tests.support.picture_folders import nouns_of, sample_scenes, save_pictures


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_pictures(tmp_path_factory.mktemp("search") / "pictures", sample_scenes(40))


def run_search(*arguments: object) -> Result:
    return CliRunner().invoke(search, [str(each) for each in arguments])


def error_of(*arguments: object) -> str:
    fault = run_search(*arguments).exception
    assert isinstance(fault, InputError), fault
    return error_text(fault)


def test_a_line_is_a_rank_a_score_and_a_file(folder: Path) -> None:
    lines = run_search(folder, "a cat", "--top", 3).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["1", "2", "3"]
    scores = [float(line.split()[1]) for line in lines]
    assert scores == sorted(scores, reverse=True) and 0 <= scores[2] <= scores[0] <= 1
    assert all(Path(line.split(maxsplit=2)[2]).parent == folder for line in lines)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_words_for_the_content_find_a_picture(folder: Path, language: str) -> None:
    from plait.foundation.unified.worlds.atlas import atlas

    names = {noun.en: noun.zh if language == "zh" else noun.en for noun in atlas().nouns}
    pictures = [nouns_of(scene) for scene in sample_scenes(40)]
    asked_for = [sorted(each)[0] for each in pictures[:5]]
    results = [json.loads(run_search(folder, names[noun], "--top", 1, "--json").stdout)[0] for noun in asked_for]
    right = [noun in pictures[int(Path(each["file"]).stem)] for noun, each in zip(asked_for, results, strict=True)]
    assert sum(right) >= 4


def test_a_picture_finds_itself_first(folder: Path) -> None:
    results = json.loads(run_search(folder, "--like", folder / "007.png", "--json").stdout)
    assert [each["rank"] for each in results] == list(range(1, 11))
    assert results[0]["file"] == str(folder / "007.png") and results[0]["score"] > 0.99


def test_there_are_at_most_as_many_results_as_pictures(folder: Path) -> None:
    assert len(json.loads(run_search(folder, "two things", "--top", 100, "--json").stdout)) == 40
    assert "every picture is compared" in run_search(folder, "two things").stderr


def test_an_invalid_query_is_refused(folder: Path, tmp_path: Path) -> None:
    assert "needs WORDS or --like" in error_of(folder)
    assert "needs WORDS or --like" in error_of(folder, "  ")
    assert "does not exist" in error_of(tmp_path / "nowhere", "a cat")
    assert "is a file" in error_of(folder / "000.png", "a cat")
    (tmp_path / "notes.txt").write_text("a cat")
    assert "no picture in" in error_of(tmp_path, "a cat")
    assert "notes.txt" in error_of(folder, "--like", tmp_path / "notes.txt")
    assert "cannot be read" in error_of(folder, "--like", tmp_path / "gone.png")


@pytest.mark.parametrize("top", [0, -1, "many"])
def test_a_number_out_of_range_is_refused(folder: Path, top: object) -> None:
    lines = run_search(folder, "a cat", "--top", top)
    assert lines.exit_code == 2 and "--top" in lines.output


def test_an_unknown_model_is_reported_with_the_available_ones(folder: Path) -> None:
    fault = run_search(folder, "a cat", "--model", "plait-nana").exception
    assert isinstance(fault, ModelNotFound) and "plait-nano" in error_text(fault)


def test_a_missing_package_is_named(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_searcher.py").write_text("import torch_that_is_not_here\n")
    metadata = tmp_path / "my_searcher-0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: my-searcher\nVersion: 0\n")
    (metadata / "entry_points.txt").write_text("[plait.searchers]\nunified = my_searcher:search\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "my_searcher", raising=False)
    fault = run_search(folder, "a cat").exception
    assert isinstance(fault, MissingDependency)
    assert error_text(fault) == (
        "MissingDependency: the searcher unified needs the package torch_that_is_not_here\n  → pip install my-searcher"
    )
