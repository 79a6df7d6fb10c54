"""`plait adapt TASK --method reward` learns what people prefer, and `--method grpo --reward FOLDER` learns by it."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import CheckpointError, InputError, SettingsError
from plait.foundation.text.adapt_request import GrpoConfig, LoraConfig, RewardConfig, SftConfig
from plait.foundation.text.preference_row import read_preference_rows
from plait.foundation.text.reward_head import REWARD_FILE
from plait.foundation.text.sample_rounds import SampledRound, sampled_rounds
from plait.learning.adapt import plan_adaptation, prepare_run, train
from plait.learning.adaptation import plan_of
from plait.learning.answer_sampler import policy_sampler
from plait.learning.judged_run import AdaptOptions
from plait.learning.preferences import data_to_learn
from plait.learning.reward_training import TrainedReward, train_reward, with_held_out_pairs
from plait.learning.rewards import find_reward
from plait.service.engines.llamacpp.config import Config
from plait.service.models.discovery import Model
from tests.support.running_server import Shell
from tests.support.tiny_llama import TinyLlama

COLOUR = '''from typing import Literal
from plait import task

@task
def colour(thing: str) -> Literal["red", "green", "blue", "yellow"]:
    """Which colour has {thing}?"""
    ...

@task
def shade(thing: str) -> Literal["dark", "light"]:
    """How is {thing}?"""
    ...
'''
ANSWERS = ("red", "green", "blue", "yellow")
WANTED = "blue"
LORA = LoraConfig(rank=4)
CONFIG = RewardConfig(LORA, learning_rate=1e-2, epochs=3, batch_tokens=800)

pytestmark = pytest.mark.model


@pytest.fixture
def tiny(tmp_path: Path) -> Model:
    file = TinyLlama(tensor_type="Q8_0", sharpness=2.0).write(tmp_path / "tiny.gguf")
    (tmp_path / "plait.toml").write_text(f'[models.tiny]\npath = "{file}"\ncontext = 512\n')
    return Model("tiny", Config(path=file, context=512))


@pytest.fixture
def colour(load_source: Callable[..., Any]) -> Any:
    return load_source(COLOUR, "colour", "colours.py")


def pairs(count: int) -> list[Path]:
    """Pairs of which the answer WANTED is the better one, and others are worse, whatever the inputs are."""
    others = [answer for answer in ANSWERS if answer != WANTED]
    rows = [
        {"thing": sha256(bytes([n])).hexdigest()[:12], "answer": WANTED, "rejected": others[n % 3]}
        for n in range(count)
    ]
    Path("pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [Path("pairs.jsonl")]


def trained(task: Any, model: Model, count: int, said: list[str]) -> TrainedReward:
    return train_reward(task.declaration, pairs(count), model, AdaptOptions(CONFIG, threads=1), said.append)


def share_of_wanted(sampled: SampledRound, wanted: tuple[int, ...]) -> float:
    """The share of answers that are the wanted one, as token ids."""
    answers = [answer.answer for each in sampled.groups for answer in each.answers]
    return answers.count(wanted) / len(answers)


@pytest.mark.slow
def test_a_reward_model_orders_held_out_pairs_and_a_policy_learns_by_it(colour: Any, tiny: Model) -> None:
    said: list[str] = []
    reward = trained(colour, tiny, 40, said)
    assert reward.head.pairs >= 3 and reward.head.accuracy == 1.0
    assert f"{40 - reward.head.pairs} pairs to learn, {reward.head.pairs} held out" in said
    assert f"orders {reward.head.pairs} of {reward.head.pairs} held-out pairs as people did" in str(reward)
    modified = (reward.folder / REWARD_FILE).stat().st_mtime_ns
    assert trained(colour, tiny, 40, said) == reward, "the same command finds it"
    assert (reward.folder / REWARD_FILE).stat().st_mtime_ns == modified

    rows = [json.dumps({"thing": f"a thing {n * 977}", "answer": "red"}) for n in range(12)]  # never what is rewarded
    Path("rows.jsonl").write_text("\n".join(rows) + "\n")
    config = GrpoConfig(LORA, learning_rate=2e-2, epochs=2, batch_tokens=600)
    options = AdaptOptions(config, reward=str(reward.folder))
    plan = plan_of(colour.declaration, [Path("rows.jsonl")], tiny, options, print)
    run = prepare_run(plan, threads=1)
    assert run.request.reward_model == reward.folder and plan.config != config
    train(run, sampler=policy_sampler(plan, run))
    rounds = list(sampled_rounds(run.request.folder))
    wanted = read_preference_rows(reward.folder / "rows.jsonl", 100_000)[0].chosen.answer
    shares = [share_of_wanted(each, wanted) for each in (rounds[0], rounds[-1])]
    assert shares[1] > shares[0] + 0.3 and rounds[-1].mean_reward > rounds[0].mean_reward + 1, shares


@pytest.mark.slow
def test_the_command_prints_the_folder_and_how_to_use_it(
    colour: Any, tiny: Model, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pairs(12)
    shell = Shell(monkeypatch, capsys)
    flags = ("--method", "reward", "--data", "pairs.jsonl", "--model", "tiny", "--epochs", "1", "--threads", "1")
    result = shell("adapt", "colours.py:colour", *flags)
    assert result.code == 0 and "measured on no pair: at least 20 of unlike inputs are needed" in result.out
    folder = Path(result.out.rsplit("--reward ", 1)[1].strip())
    assert (folder / REWARD_FILE).exists() and "--method grpo --reward" in result.out
    described = json.loads(shell("adapt", "colours.py:colour", *flags, "--json").out)
    assert described == {"folder": str(folder), "pairs": 0, "accuracy": None}

    base = tiny.config.path if isinstance(tiny.config, Config) else Path()
    assert find_reward(colour.declaration, str(folder), base).value(*[None] * 2) is None  # type: ignore[arg-type]
    other = TinyLlama(sharpness=3.0).write(folder / "other.gguf")
    with pytest.raises(CheckpointError, match="is a reward model of another base"):
        find_reward(colour.declaration, str(folder), other)


def test_what_cannot_train_a_reward_model_is_refused(colour: Any, tiny: Model) -> None:
    with pytest.raises(InputError, match="colour has 4 pairs of answers to learn from; 10 are the least"):
        trained(colour, tiny, 4, [])
    with pytest.raises(InputError, match="colour has no pairs of answers"):
        train_reward(colour.declaration, [], tiny, AdaptOptions(CONFIG), print)
    with pytest.raises(SettingsError, match="sft trains no reward model"):
        train_reward(colour.declaration, [], tiny, AdaptOptions(SftConfig()), print)
    with pytest.raises(SettingsError, match="a reward model answers nobody") as caught:
        colour.adapt(method="reward", model="tiny")
    assert "plait adapt colours.py --method reward" in caught.value.hint or "--method reward" in caught.value.hint


def test_held_out_pairs_are_those_of_held_out_inputs_or_a_fifth(colour: Any, tiny: Model) -> None:
    def split(count: int) -> tuple[int, int]:
        data = data_to_learn(colour.declaration, pairs(count), "reward", print)
        plan = plan_adaptation(colour.declaration, tiny, data.examples, CONFIG, data.preferences)
        plan = with_held_out_pairs(plan, data.preferences)
        assert not {*map(str, plan.preferences)} & {*map(str, plan.held_out_pairs)}
        return len(plan.preferences), len(plan.held_out_pairs)

    learned, held_out = split(60)
    assert learned + held_out == 60 and 10 <= held_out <= 40, "about as many as the gate needs"
    Path("held_out").mkdir()
    Path("held_out/colour.jsonl").write_text('{"thing": "something quite different", "answer": "red"}\n')
    learned, held_out = split(60)
    assert learned + held_out == 60 and 4 <= held_out <= 20
    assert split(15) == (15, 0)
