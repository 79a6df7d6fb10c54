"""A recipe is read once; every mistake is answered with its line and a way out."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import SettingsError, error_text
from plait.core.toml_file import line_number
from plait.foundation.cards.sizes import DEFAULT_EXTENSIONS
from plait.foundation.training.checkpoint import differences
from plait.foundation.unified.objectives.unified_objective import trainer_config
from plait.foundation.unified.recipe import ModelConfig, Phase, Recipe, RunConfig, Schedule
from plait.foundation.unified.recipe_file import read_recipe

NANO = Path(__file__).parents[3] / "recipes" / "nano.toml"
SMALL = """\
[model]
size = "tiny"

[optimizer]
muon_lr = 0.02
clip = 1

[[schedule.phase]]
name = "stem"
steps = 10
items = 0

[[schedule.phase]]
name = "joint"
steps = 20
pictures = 8
losses = ["boxes"]
[schedule.phase.mixture]
locate = 1.0

[losses]
boxes = 1.0
"""


def recipe_error(folder: Path, text: str) -> str:
    file = folder / "my.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingsError) as raised:
        read_recipe(file).check_names(["locate", "ask"], ["boxes", "tags"])
    return error_text(raised.value).replace(f"{file}", "my.toml")


def test_the_shipped_recipes_are_valid() -> None:
    recipe = read_recipe(NANO).recipe
    assert recipe.model.shape.name == "nano"
    assert recipe.steps == sum(phase.steps for phase in recipe.schedule.phase)


def test_a_recipe_is_read_with_its_phases_and_mixtures(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(SMALL)
    file = read_recipe(tmp_path / "my.toml")
    file.check_names(["locate"], ["boxes"])
    stem, joint = file.recipe.schedule.phase
    assert (stem.items, joint.losses, joint.mixture) == (0, ("boxes",), {"locate": 1.0})
    assert file.recipe.optimizer.clip == 1.0


@pytest.mark.parametrize(
    ("was", "now", "message"),
    [
        ("muon_lr", "muon_rl", "my.toml:5: optimizer.muon_rl is an unknown key\n  → did you mean muon_lr?"),
        ("[optimizer]", "[optimiser]", "my.toml:4: optimiser is an unknown key\n  → did you mean optimizer?"),
        ("0.02", "-0.02", "my.toml:5: optimizer.muon_lr is -0.02: it should be greater than 0"),
        ("0.02", '"0.02"', 'my.toml:5: optimizer.muon_lr is "0.02": it should be a valid number'),
        ("0.02", "nan", "my.toml:5: optimizer.muon_lr is NaN: it should be a"),
        ("0.02", "2026-11-24", "my.toml:5: optimizer.muon_lr is"),
        ('"tiny"', '"tinny"', 'my.toml:2: model.size is "tinny", which is not a model size\n  → did you mean tiny?'),
        ('"tiny"', '"tiny"\nheads = 7', "my.toml:1: model.width cannot be shared: 7 heads for a width of 64"),
        ('"tiny"', '"tiny"\nwidth = 66\nheads = 3', "my.toml:3: model.width cannot be shared"),
        ('"tiny"', '"tiny"\nside = 100', "my.toml:3: model.side is 100 pixels\n  → side must be a multiple of 16"),
        ('"tiny"', '"tiny"\nstem = [28, 16, 32, 64]', "my.toml:3: model.stem is [28, 16, 32, 64]"),
        ('"tiny"', '"tiny"\nencoder_layers = 1', "my.toml:3: model.encoder_layers is 1"),
        ('"tiny"', '"tiny"\nexperts = 1', "my.toml:3: model.experts is 1, which leaves no choice\n  → write 2 or more"),
        ('"tiny"', '"tiny"\nexperts_used = 2', "my.toml:3: model.experts_used is 2, of no experts"),
        ('"tiny"', '"tiny"\nexperts = 2\nexperts_used = 4', "my.toml:4: model.experts_used is 4, of 2 experts"),
        (
            '"tiny"',
            '"tiny"\nexperts = 5\nexperts_used = 2',
            "my.toml:3: model.experts is 5, which cannot be divided into 2 groups\n  → experts must be a "
            "multiple of 2, from 4 on",
        ),
        ('"tiny"', '"tiny"\nadapters = 64', "my.toml:3: model.adapters is 64, and the width 64"),
        ("[losses]", '[run]\ntrain = "adapters"\n[losses]', 'my.toml:22: run.train is "adapters", and the model has'),
        ("[losses]", "[run]\nshard = true\n[losses]", "my.toml:22: run.shard is true, but there is only one process"),
        ("[losses]", '[run]\ntrain = "adaptors"\n[losses]', "my.toml:22: run.train is \"adaptors\": it should be ''"),
        (
            "[schedule.phase.mixture]\nlocate = 1.0",
            "",
            "my.toml:13: schedule.phase.2 trains on scenes, but has no mixture",
        ),
        ("steps = 20", "", "my.toml:13: schedule.phase.2.steps is missing"),
        ("steps = 20", "stpes = 20", "my.toml:15: schedule.phase.2.stpes is an unknown key"),
        ("locate = 1.0", "lokate = 1.0", "my.toml:19: schedule.phase.2.mixture.lokate names an unknown task"),
        ("locate = 1.0", "locate = 0.0", "my.toml:18: schedule.phase.2.mixture gives every task a share of 0"),
        ("boxes = 1.0", "boxen = 1.0", "my.toml:22: losses.boxen names an unknown loss: boxen"),
        (
            '["boxes"]',
            '["tag"]',
            "my.toml:17: schedule.phase.2.losses names an unknown loss: tag\n  → did you",
        ),
        ("items = 0", "pictures = 9\n[run]\nprocesses = 2", "my.toml:11: schedule.phase.1.pictures is 9, which 2"),
        ("[losses]", "[losses", "my.toml is not TOML"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, was: str, now: str, message: str) -> None:
    assert was in SMALL
    assert message in recipe_error(tmp_path, SMALL.replace(was, now, 1))


def test_a_missing_recipe_is_reported(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: No such file"):
        read_recipe(tmp_path / "none.toml")


def test_a_renamed_key_is_read_with_a_warning_that_names_its_line(tmp_path: Path) -> None:
    file = tmp_path / "it.toml"
    text = NANO.read_text("utf-8")
    file.write_text(text.replace("[run]\n", "[run]\nfeeders = 3\n"))
    line = text.splitlines().index("[run]") + 2
    with pytest.warns(FutureWarning, match=rf"it\.toml:{line}: run\.feeders is now called loader_workers"):
        assert read_recipe(file).recipe.run.loader_workers == 3
    file.write_text(text.replace("[run]\n", "[run]\nfeeders = 3\nloader_workers = 3\n"))
    with pytest.raises(SettingsError, match=r"run\.feeders is an unknown key"):
        read_recipe(file)


def test_a_recipe_without_phases_is_refused(tmp_path: Path) -> None:
    assert "my.toml has no phase" in recipe_error(tmp_path, "[model]\nsize = 'tiny'\n")


def test_the_digest_covers_exactly_the_settings_that_affect_weights(tmp_path: Path) -> None:
    def digest(text: str) -> str:
        (tmp_path / "my.toml").write_text(text)
        return read_recipe(tmp_path / "my.toml").recipe.digest

    assert digest(SMALL) == digest(SMALL + "[run]\nkeep = 9\nout = 'elsewhere'\nlog_every = 1\n")
    assert digest(SMALL) == digest(SMALL.replace("clip = 1", "# clip, by default 1"))
    assert digest(SMALL) != digest(SMALL.replace("0.02", "0.03"))
    assert digest(SMALL) != digest(SMALL + "[run]\nseed = 1\n")


phases = st.lists(
    st.builds(Phase, st.just("a"), st.integers(1, 9), st.integers(1, 9), st.integers(0, 3)), min_size=1, max_size=4
)


@given(phases, st.integers(0, 40))
def test_the_remaining_steps_are_summed_over_phases(drawn: list[Phase], step: int) -> None:
    config = trainer_config(Recipe(schedule=Schedule(phase=tuple(drawn))))
    assert config.samples_after(step) == sum(config.phase_at(at).samples for at in range(step, config.steps))


names = st.text("abcdefg_", min_size=1, max_size=5)


@given(
    st.dictionaries(names, st.dictionaries(names, st.integers(0, 9), min_size=1, max_size=3), min_size=1, max_size=4)
)
def test_every_key_is_found_on_its_line(tables: dict[str, dict[str, int]]) -> None:
    lines = [
        line for name, table in tables.items() for line in (f"[{name}]", *(f"{k} = {v}" for k, v in table.items()))
    ]
    for name, table in tables.items():
        for key, value in table.items():
            number = line_number("\n".join(lines), (name, key))
            assert lines[number - 1] == f"{key} = {value}"
            assert f"[{name}]" in lines[:number]


def test_new_model_options_do_not_invalidate_old_checkpoints() -> None:
    recipe = Recipe()
    before = {
        key: value
        for key, value in recipe.fingerprint_values.items()
        if key.rpartition(".")[2] not in DEFAULT_EXTENSIONS
    }
    assert len(before) < len(recipe.fingerprint_values) and not list(differences(before, recipe.fingerprint_values))
    assert not set(DEFAULT_EXTENSIONS) & set(recipe.model.shape.to_dict)
    grown = replace(recipe, model=ModelConfig(experts=4), run=RunConfig(train="adapters"))
    (experts, train) = differences(before, grown.fingerprint_values)
    assert "no model.experts, the recipe asks for 4" in experts and 'asks for "adapters"' in train
    assert grown.model.shape.to_dict["experts"] == 4 and "adapters" not in grown.model.shape.to_dict


def test_the_digested_values_are_plain_json() -> None:
    recipe = read_recipe(NANO).recipe
    assert json.loads(json.dumps(recipe.fingerprint_values)) == recipe.fingerprint_values
    assert recipe.fingerprint_values["optimizer.muon_lr"] == recipe.optimizer.muon_lr
