"""Results of a GPU run are copied to their places in the sources, all or none."""

import json
import re
from pathlib import Path

import pytest

from plait.core.errors import CheckpointError
from plait.foundation.cards.card_page import page
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.weights.weight_files import load, save
from plait.foundation.unified.worlds.task_items import TASKS
from tests.support.tiny_weights import tiny_card, tiny_model
from tools.gpu import importing
from tools.gpu.importing import WEIGHTS, import_results
from tools.gpu.plan import NAME
from tools.gpu.scoring import Part, build_report, parts, score_part

PARTS = 610_000  # bytes of one file, so that tiny weights lie in several


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of results of a run."""
    results, model = tmp_path / "out", tiny_model(3)
    save(results / f"{NAME}.safetensors", model.state_dict(), model.size, vocabulary(), tiny_card({}), PARTS)
    (results / "gpu.json").write_text(json.dumps({"rehearsal": True, "benchmarks": {"figures": {"a": 1}}}))
    (results / "scores.json").write_text("{}\n")
    return results


def test_weights_card_page_and_scores_are_copied_to_their_places(tmp_path: Path, folder: Path) -> None:
    root = tmp_path / "sources"
    (root / WEIGHTS).mkdir(parents=True)
    (root / WEIGHTS / f"{NAME}.safetensors.7").write_bytes(b"a part of an earlier export")
    files = list(import_results(folder, root))
    assert sorted(str(file.relative_to(root)) for file in files) == [
        "benchmarks/base_run.json",
        "benchmarks/base_suite.json",
        "benchmarks/unified_cuda.json",
        f"docs/{NAME}.md",
        *(f"{WEIGHTS}/{NAME}.{ending}" for ending in ("json", "safetensors", "safetensors.2")),
    ]
    assert not (root / WEIGHTS / f"{NAME}.safetensors.7").exists()
    assert load(root / WEIGHTS / f"{NAME}.safetensors").size.name == "tiny"
    text = (root / "docs" / f"{NAME}.md").read_text()
    page_match = re.search(r"\]\]\] -->\n(.*)<!-- \[\[\[end\]\]\] -->", text, re.S)
    assert page_match and page_match[1].startswith(page(importing.checked_card(folder / f"{NAME}.safetensors", root)))
    assert "from cog_blocks import card\n" in text


@pytest.mark.parametrize("fault", ["cut", "swapped", "large", "rehearsal"])
def test_weights_that_may_not_ship_are_refused_before_any_file_is_written(
    tmp_path: Path, folder: Path, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, weights = tmp_path / "sources", folder / f"{NAME}.safetensors"
    if fault == "cut":
        weights.write_bytes(weights.read_bytes()[:-1])
    elif fault == "swapped":
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
    elif fault == "large":
        monkeypatch.setattr(importing, "MAX_TOTAL_BYTES", 600_000)
    else:
        monkeypatch.setattr(importing, "ROOT", root)
    messages = {"cut": "damaged", "swapped": "not what its card", "large": "takes 6", "rehearsal": "of a rehearsal"}
    with pytest.raises(CheckpointError, match=messages[fault]):
        list(import_results(folder, root))
    assert not root.exists()


def test_every_task_is_scored_first_on_scenes_like_those_of_training(folder: Path) -> None:
    planned = list(parts(folder / f"{NAME}.safetensors", 2))
    seen_tasks = [part.task for part in planned if part.split == "seen"]
    assert sorted(seen_tasks) == sorted(TASKS) and [part.split for part in planned[: len(TASKS)]] == ["seen"] * len(
        TASKS
    )
    assert seen_tasks[0] == "draw"


def test_a_part_is_scored_and_reported(folder: Path) -> None:
    weights = folder / f"{NAME}.safetensors"
    scores = [score_part(Part(weights, task, "triples", 2)) for task in ("matches", "locate")]
    report = build_report(NAME, scores, 4, 1.0)
    assert (report.planned, report.asked) == (4, 4)
    assert [each.task for each in report.results] == ["locate", "matches"]
    assert all(each.solver == NAME and each.measures for each in report.results)
