"""Samples come from the served engine under the task's grammar, and learning them makes a version as any other does."""

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import InputError, SettingsError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import GrpoConfig, LoraConfig
from plait.foundation.text.adapter_file import add_adapters, write_adapter
from plait.foundation.text.answer_samples import AnswerGroup, SampleRequest, read_prompt_rows
from plait.foundation.text.model import load_decoder
from plait.foundation.text.sample_rounds import sampled_rounds
from plait.learning.adapt import prepare_run, train
from plait.learning.adapt_plan import AdapterRun, AdaptPlan
from plait.learning.adaptation import adapt, plan_of
from plait.learning.answer_sampler import AnswerSampler, policy_sampler, sample_seed
from plait.learning.gate import GateRule
from plait.learning.judged_run import AdaptOptions
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
def fixed(thing: str) -> Literal["red"]:
    """Which colour has {thing}?"""
    ...
'''
RULES = """
def warm(example, answer):
    return 1.0 if answer in ("red", "yellow") else 0.0

def sorry(example, answer):
    raise RuntimeError("no opinion")
"""
ANSWERS = ("red", "green", "blue", "yellow")
CONFIG = GrpoConfig(LoraConfig(rank=4), learning_rate=2e-2, epochs=3, batch_tokens=600, group=8)
RULE = GateRule(min_positions=100)

pytestmark = [pytest.mark.model, pytest.mark.slow]


@pytest.fixture
def tiny(tmp_path: Path) -> Model:
    file = TinyLlama(tensor_type="Q8_0", sharpness=2.0).write(tmp_path / "tiny.gguf")
    (tmp_path / "plait.toml").write_text(f'[models.tiny]\npath = "{file}"\ncontext = 512\n')
    Path("rules.py").write_text(RULES)
    return Model("tiny", Config(path=file, context=512))


@pytest.fixture
def colour(load_source: Callable[..., Any]) -> Any:
    return load_source(COLOUR, "colour", "colours.py")


def rows(answer: Callable[[int], str], count: int = 12) -> list[Path]:
    lines = [json.dumps({"thing": f"thing {n * 977}", "answer": answer(n)}) for n in range(count)]
    Path("rows.jsonl").write_text("\n".join(lines) + "\n")
    return [Path("rows.jsonl")]


def planned(
    task: Any, model: Model, config: GrpoConfig = CONFIG, reward: str = "score"
) -> tuple[AdaptPlan, AdapterRun]:
    options = AdaptOptions(config, reward=reward)
    plan = plan_of(task.declaration, rows(lambda n: ANSWERS[n % 4]), model, options, print)
    return plan, prepare_run(plan, threads=1)


def sampler_of(plan: AdaptPlan, run: AdapterRun) -> AnswerSampler:
    sampler = policy_sampler(plan, run)
    assert isinstance(sampler, AnswerSampler)
    return sampler


def policy_file(run: AdapterRun) -> Path:
    """The adapter that a run begins with."""
    model = load_decoder(read_gguf_header(run.request.base))
    add_adapters(model, CONFIG.effective_lora)
    file = run.request.folder / "first.gguf"
    write_adapter(file, model, CONFIG.effective_lora, base_sha256=run.request.base_sha256)
    return file


def test_every_sample_is_an_answer_of_the_declared_type_and_is_rewarded(colour: Any, tiny: Model) -> None:
    plan, run = planned(colour, tiny, reward="rules.py:warm")
    prompts = read_prompt_rows(run.request.rows, 100_000)
    assert run.row_count == 12 and len(run.learned_examples) == 12
    sampler, request = sampler_of(plan, run), SampleRequest(3, (5, 0), policy_file(run))
    groups = sampler(request)
    assert [each.row for each in groups] == [5, 0] and all(len(each.answers) == 8 for each in groups)
    drawn = {answer.answer: answer.reward for each in groups for answer in each.answers}
    known = {row.answer: float(ANSWERS[n % 4] in ("red", "yellow")) for n, row in enumerate(prompts)}
    assert len(drawn) > 1 and drawn.items() <= known.items()
    assert all(answer.learned for each in groups for answer in each.answers)
    assert len({sample_seed(0, *place) for place in ((3, 5, 0), (3, 5, 1), (3, 0, 0), (4, 5, 0))}) == 4


def test_sampled_answers_raise_the_reward_and_the_version_is_judged_as_any_other(colour: Any, tiny: Model) -> None:
    usual = colour.using("tiny", shots=0)(thing="a thing")
    wanted = next(answer for answer in ANSWERS if answer != usual)
    Path("held_out").mkdir()
    held_out = [json.dumps({"thing": f"the other {n * 31}", "answer": wanted}) for n in range(24)]
    Path("held_out/colour.jsonl").write_text("\n".join(held_out) + "\n")
    said: list[str] = []
    options = AdaptOptions(CONFIG, 1, rule=RULE)
    adapted = adapt(colour.declaration, rows(lambda n: wanted), tiny, options, said.append)
    assert adapted.verdict.holds and adapted.is_promoted, str(adapted.verdict)
    assert adapted.version.made_by.config["method"] == "grpo" and adapted.version.made_by.config["reward"] == "score"
    rounds = list(sampled_rounds(adapted.adapter.parent))
    assert 9 <= len(rounds) <= 12 and rounds[-1].mean_reward > rounds[0].mean_reward + 0.2
    assert any("answers in 36 groups, mean reward" in line for line in said)


def test_a_reward_that_fails_ends_the_run_with_its_own_error(colour: Any, tiny: Model) -> None:
    plan, run = planned(colour, tiny, reward="rules.py:sorry")
    with pytest.raises(InputError, match=r"the reward rules\.py:sorry failed on .*RuntimeError: no opinion"):
        train(run, sampler=policy_sampler(plan, run))
    assert not run.is_finished and not list(sampled_rounds(run.request.folder))


def test_a_stopped_run_goes_on_with_the_samples_it_has(colour: Any, tiny: Model) -> None:
    plan, run = planned(colour, tiny, replace(CONFIG, epochs=1))
    calls: list[int] = []
    sample = sampler_of(plan, run)

    def stopped_in_the_second_round(request: SampleRequest) -> list[AnswerGroup]:
        calls.append(request.round)
        if len(calls) == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return sample(request)

    with pytest.raises(SettingsError, match="before its adapter was done") as caught:
        train(run, sampler=stopped_in_the_second_round)
    assert isinstance(caught.value.__cause__, KeyboardInterrupt) and "the same command resumes it" in caught.value.hint
    assert train(run, sampler=stopped_in_the_second_round).exists()
    assert calls.count(0) == 1 and sorted(set(calls)) == list(range(len(list(sampled_rounds(run.request.folder)))))


def test_a_grammar_that_forces_the_answer_leaves_nothing_to_learn(
    load_source: Callable[..., Any], tiny: Model, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fixed = load_source(COLOUR, "fixed", "colours.py")
    with pytest.raises(InputError, match="the grammar of fixed forces all of its answers"):
        options = AdaptOptions(CONFIG)
        prepare_run(plan_of(fixed.declaration, rows(lambda n: "red"), tiny, options, print), threads=1)
    shell = Shell(monkeypatch, capsys)
    for flags, message in (
        (("--method", "grpo", "--reward", "accuracy"), 'there is no reward "accuracy"'),
        (("--method", "sft", "--group", "4"), "--reward and --group are for --method grpo"),
        (("--method", "grpo", "--teacher", "big"), "learned by --method sft, not grpo"),
    ):
        result = shell("adapt", "colours.py:colour", "--model", "tiny", "--data", "rows.jsonl", *flags)
        assert result.code == 2 and message in result.err
