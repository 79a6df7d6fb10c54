"""What comes back from a GPU machine goes to its places, or nothing of it does."""

import json
import re
from pathlib import Path

import pytest

from plait.core.errors import CheckpointError
from plait.foundation.cards.card_page import page
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.weights.weight_files import load, save
from plait.foundation.unified.worlds.task_items import TASKS
from tests.support.tiny_weights import card, tiny
from tools.gpu import importing
from tools.gpu.importing import WEIGHTS, placed
from tools.gpu.plan import NAME
from tools.gpu.scoring import Part, answers, parts, told

PARTS = 610_000  # bytes of one file, so that tiny weights lie in several


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a run left in its folder of results."""
    found, model = tmp_path / "out", tiny(3)
    save(found / f"{NAME}.safetensors", model.state_dict(), model.size, vocabulary(), card({}), PARTS)
    (found / "gpu.json").write_text(json.dumps({"rehearsal": True, "benchmarks": {"figures": {"a": 1}}}))
    (found / "scores.json").write_text("{}\n")
    return found


def test_weights_card_page_and_scores_come_to_their_places(tmp_path: Path, folder: Path) -> None:
    root = tmp_path / "sources"
    (root / WEIGHTS).mkdir(parents=True)
    (root / WEIGHTS / f"{NAME}.safetensors.7").write_bytes(b"of an earlier export")
    files = list(placed(folder, root))
    assert sorted(str(file.relative_to(root)) for file in files) == [
        "benchmarks/base_run.json",
        "benchmarks/base_suite.json",
        "benchmarks/unified_cuda.json",
        f"docs/{NAME}.md",
        *(f"{WEIGHTS}/{NAME}.{ending}" for ending in ("json", "safetensors", "safetensors.2")),
    ]
    assert not (root / WEIGHTS / f"{NAME}.safetensors.7").exists()
    assert load(root / WEIGHTS / f"{NAME}.safetensors").size.name == "tiny"
    shown = re.search(r"\]\]\] -->\n(.*)<!-- \[\[\[end\]\]\] -->", (root / "docs" / f"{NAME}.md").read_text(), re.S)
    assert shown and shown[1].startswith(page(importing.checked(folder / f"{NAME}.safetensors", root)))


@pytest.mark.parametrize("what", ["cut", "swapped", "large", "rehearsal"])
def test_what_may_not_ship_is_refused_before_anything_is_written(
    tmp_path: Path, folder: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, weights = tmp_path / "sources", folder / f"{NAME}.safetensors"
    if what == "cut":
        weights.write_bytes(weights.read_bytes()[:-1])
    elif what == "swapped":
        content = bytearray(weights.read_bytes())
        content[-1] ^= 1
        weights.write_bytes(content)
    elif what == "large":
        monkeypatch.setattr(importing, "SIZE", 600_000)
    else:
        monkeypatch.setattr(importing, "ROOT", root)
    said = {"cut": "damaged", "swapped": "not what its card", "large": "takes 6", "rehearsal": "of a rehearsal"}
    with pytest.raises(CheckpointError, match=said[what]):
        list(placed(folder, root))
    assert not root.exists()


def test_scores_ask_every_task_in_scenes_as_trained_first(folder: Path) -> None:
    planned = list(parts(folder / f"{NAME}.safetensors", 2))
    seen = [part.task for part in planned if part.split == "seen"]
    assert sorted(seen) == sorted(TASKS) and [part.split for part in planned[: len(TASKS)]] == ["seen"] * len(TASKS)
    assert seen[0] == "draw"


def test_a_part_is_scored_and_reported(folder: Path) -> None:
    weights = folder / f"{NAME}.safetensors"
    found = [answers(Part(weights, task, "triples", 2)) for task in ("matches", "locate")]
    report = told(NAME, found, 4, 1.0)
    assert (report.planned, report.asked) == (4, 4)
    assert [each.task for each in report.results] == ["locate", "matches"]
    assert all(each.solver == NAME and each.measures for each in report.results)
