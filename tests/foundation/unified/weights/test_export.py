"""From a folder of a run to a model: the averaged weights of its newest whole checkpoint, and their card."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import torch

from plait.core.errors import CheckpointError
from plait.core.evaluation.interval import Interval
from plait.foundation.cards.card import card_path, parse_card
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.checkpoint import Checkpoint, RunFingerprint, TrainingState
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.quantization import INT8_MAX
from plait.foundation.training.random_state import RngState
from plait.foundation.unified.recipe import DataConfig, Recipe
from plait.foundation.unified.recipe import RunConfig as Told
from plait.foundation.unified.suite.report import SuiteReport, score_cards
from plait.foundation.unified.suite.results import SuiteResult
from plait.foundation.unified.weights.export import export, limits, training_data_card
from plait.foundation.unified.weights.weight_files import load
from plait.tasks.locate import locate
from tests.support.running_server import Shell
from tests.support.tiny_weights import tiny_model

RECIPE = Recipe(data=DataConfig(mixture={"locate": 0.5, "ask": 0.0}), run=Told(seed=5, processes=2))


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Two checkpoints; the average of the newer one is the model of seed 2."""
    for step, seed in ((10, 1), (20, 2)):
        model = tiny_model(seed)
        shape = json.loads(json.dumps(asdict(model.size)))
        fingerprint = RunFingerprint(shape, vocabulary().digest, RECIPE.fingerprint_values)
        state = TrainingState(
            step, fingerprint, (), (RngState.capture(),) * 2, seconds=1_800.0, watt_hours=12.0, commit="c0ffee"
        )
        ema = {f"model.{name}": each for name, each in model.state_dict().items()}
        ema["heads.presence.weight"] = torch.ones(3, 3)
        Checkpoints(tmp_path / "small").save(Checkpoint(state, {}, ema, {}))
    return tmp_path / "small"


def test_the_ema_weights_of_the_newest_checkpoint_are_exported(run: Path, tmp_path: Path) -> None:
    file, card = export(run, "mine", tmp_path / "out")
    assert file == tmp_path / "out" / "mine.safetensors"
    was, back = tiny_model(2).state_dict(), load(file).state_dict()
    assert was.keys() == back.keys()
    assert all((back[name] - was[name]).abs().max() <= was[name].abs().max() / INT8_MAX for name in was)
    assert card == parse_card(card_path(file).read_bytes(), file)


def test_the_card_has_the_facts_of_training_and_no_score(run: Path, tmp_path: Path) -> None:
    _, card = export(run, "mine", tmp_path)
    assert card.tasks == {"locate": locate.declaration.fingerprint}
    assert (card.run.seed, card.run.steps, card.run.commit, card.run.recipe) == (5, 20, "c0ffee", "small")
    assert card.run.cpu_hours == 1.0 and card.run.watt_hours == 12.0 and card.run.recipe_digest == RECIPE.digest
    assert card.parameters == sum(each.numel() for each in tiny_model().parameters())
    assert any("twemoji" in each for each in card.data.held_out) and "twemoji" not in card.data.styles
    assert card.scores == () and any("96 x 96" in each for each in card.limits)


@pytest.mark.parametrize(
    ("weights", "expected"),
    [("", ""), ("plait-nano", "plait-nano"), ("/home/somebody/runs/first", "first"), ("a/b.safetensors", "b")],
)
def test_the_card_names_the_initial_model_and_no_local_path(weights: str, expected: str) -> None:
    assert training_data_card({"model.weights": weights}).begun_from == expected


@pytest.mark.parametrize(("atlas", "count"), [("", 159), ("wide", 622)])
def test_the_card_counts_the_trained_nouns(atlas: str, count: int) -> None:
    values = {"data.atlas": atlas}
    assert (
        training_data_card(values).atlas.startswith(f"{count} nouns ")
        and f"of {33 * count:,} comb" in training_data_card(values).held_out[-1]
    )
    assert f"It knows {count} nouns, drawn as pictograms on plain grounds" in next(limits(SIZES["tiny"], values))


def test_large_weights_are_exported_in_several_files(run: Path, tmp_path: Path) -> None:
    whole, _ = export(run, "mine", tmp_path / "whole")
    first, _ = export(run, "mine", tmp_path / "parts", max_bytes=600_000)
    parts = sorted(first.parent.glob("mine.safetensors*"))
    # Three, and once four in a whole run of the tests; that they fit and are whole is what counts.
    assert [each.name for each in parts[1:]] == [f"mine.safetensors.{number}" for number in range(2, len(parts) + 1)]
    assert len(parts) in (3, 4) and all(each.stat().st_size <= 600_000 for each in parts)
    one, other = load(whole).state_dict(), load(first).state_dict()
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_damaged_checkpoint_is_replaced_by_the_previous_one(run: Path, tmp_path: Path) -> None:
    (run / "step-000020" / "ema.safetensors").write_bytes(b"half")
    assert export(run, "mine", tmp_path)[1].run.steps == 10


def test_a_folder_without_a_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="gone has no checkpoint"):
        export(tmp_path / "gone", "mine", tmp_path)


def test_scores_of_a_report_are_listed_beside_their_baselines() -> None:
    def result_of(solver: str, split: str, mean: float) -> SuiteResult:
        return SuiteResult("locate", split, solver, {"Acc@0.5": Interval(mean, mean - 0.1, mean + 0.1, 100)}, {})

    results = (result_of("mine", "seen", 0.8), result_of("blind", "seen", 0.2), result_of("mine", "style", 0.6))
    first, second = score_cards(SuiteReport("unified", "mine", 1, "now", 1.0, 100, 100, 0, results))
    assert (first.task, first.split, first.measure) == ("locate", "seen", "Acc@0.5")
    assert first.interval.mean == 0.8 and first.baselines == {"blind": 0.2} and second.baselines == {}


def test_plait_export_prints_the_table_for_plait_toml(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    result = Shell(monkeypatch, capsys)("export", str(run), "--name", "mine", "--out", str(tmp_path))
    assert result.code == 0 and f'[models.mine]\npath = "{tmp_path / "mine.safetensors"}"' in result.out
    failure = Shell(monkeypatch, capsys)("export", str(tmp_path / "gone"))
    assert failure.code == 1 and "has no checkpoint" in failure.err and "plait train recipes/nano.toml" in failure.err
