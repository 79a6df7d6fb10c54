"""From a mixture of tasks to a version that answers another one: with a tiny model that is trained for real."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from plait.core.calls import event_loop
from plait.core.calls.scope import use_transport
from plait.core.errors import InputError, SettingsError
from plait.foundation.cards.adapter import ANY_TASK
from plait.foundation.cards.adapter_files import read_adapter_facts
from plait.foundation.text.adapt_request import LoraConfig, SftConfig
from plait.learning.gate import GateRule
from plait.learning.judged_run import AdaptedVersion, AdaptOptions
from plait.learning.mixture_adaptation import adapt_mixture
from plait.service.engines.llamacpp.config import Config
from plait.service.local_transport import LocalTransport
from plait.service.models.adapter_scope import ANY_TYPED_TASK
from plait.service.models.discovery import Model
from plait.service.models.registry import current_registry
from tests.support.running_server import Shell
from tests.support.tiny_llama import TinyLlama

TASK = '''
@task
def {name}(thing: str) -> Literal["red", "green", "blue", "yellow"]:
    """Which colour has {{thing}}, the {name} of it?"""
    ...
'''
HEAD = "from typing import Literal\nfrom plait import task\n"
ANSWERS = ("red", "green", "blue", "yellow")
WORDS = ("apple", "stone", "house", "river", "cloud", "paper", "glass", "table", "horse", "night")
CONFIG = SftConfig(LoraConfig(rank=4), learning_rate=2e-2, epochs=2, batch_tokens=400)
RULE = GateRule(min_positions=100)  # the tiny model is sure of few tokens

pytestmark = [pytest.mark.model, pytest.mark.slow]


@dataclass(frozen=True)
class ToyMixture:
    """Three tasks to learn and two others to judge by, all with one right answer, which the model does not give."""

    other: Any  # a sixth task, that is in neither folder
    model: Model
    answer: str

    def adapt(self, said: list[str] | None = None, **options: Any) -> AdaptedVersion:
        chosen = AdaptOptions(CONFIG, 1, **{"rule": RULE, **options})
        tell = (said if said is not None else []).append
        return adapt_mixture(Path("mix"), Path("judge"), [], self.model, chosen, tell)

    def write(self) -> None:
        write_folder(Path("mix"), ("colour", "paint", "shade"), self.answer, 12)
        write_folder(Path("judge"), ("hue", "tone"), self.answer, 22)


def write_folder(folder: Path, names: Sequence[str], answer: str, count: int) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "tasks.py").write_text(HEAD + "".join(TASK.format(name=name) for name in names))
    rows = [
        {"task": name, "inputs": {"thing": f"{WORDS[n % 10]} {WORDS[n // 10 + 3]} {n * 977} {name}"}, "answer": answer}
        for name in names
        for n in range(count)
    ]
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))


@pytest.fixture
def toys(load_source: Callable[..., Any], tmp_path: Path) -> ToyMixture:
    file = TinyLlama(tensor_type="Q8_0", sharpness=4.0).write(tmp_path / "tiny.gguf")
    (tmp_path / "plait.toml").write_text(f'[models.tiny]\npath = "{file}"\ncontext = 512\n')
    other = load_source(HEAD + TASK.format(name="tint"), "tint", "tints.py")
    usual = other.using("tiny", shots=0)(thing="a thing")
    toys = ToyMixture(other, Model("tiny", Config(path=file, context=512)), next(a for a in ANSWERS if a != usual))
    toys.write()
    return toys


def test_a_mixture_is_learned_judged_by_other_tasks_and_answers_a_task_of_neither(toys: ToyMixture) -> None:
    said: list[str] = []
    adapted = toys.adapt(said)
    verdict = adapted.verdict
    assert verdict.holds and adapted.is_promoted and adapted.name == "tiny-typed@1", str(verdict)
    assert {each.name for each in verdict.losses} == {"task=hue", "task=tone"}
    assert verdict.held_out.scored == 44 and verdict.champion.name == "tiny"
    assert "3 tasks to learn, 2 others to judge by" in said
    assert read_adapter_facts(adapted.adapter).fingerprint == ANY_TASK

    transport = LocalTransport()  # in which the base, that would answer until the version is loaded, is not loaded
    with use_transport(transport):
        answer = toys.other.using(shots=0, timeout=60).detailed(thing="a lamp")
    event_loop.run(transport.aclose())
    assert (answer.model, answer.value) == ("tiny-typed@1", toys.answer)
    made_by = adapted.version.made_by
    assert made_by.config["tasks"] == 3 and len(made_by.examples) == 36

    again = toys.adapt()
    assert again.verdict == verdict and again.version.number == 1
    assert len(current_registry().versions(ANY_TYPED_TASK.project)) == 1


def test_a_loss_on_one_task_is_not_hidden_by_a_gain_on_another(toys: ToyMixture) -> None:
    lines = Path("judge/rows.jsonl").read_text().splitlines()
    usual = toys.other.using("tiny", shots=0)(thing="a thing")
    rows = [json.loads(line) for line in lines]
    changed = [{**row, "answer": usual} if row["task"] == "tone" else row for row in rows]
    Path("judge/rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in changed))
    adapted = toys.adapt()
    assert not adapted.is_promoted and any("task=tone loses" in each for each in adapted.verdict.reasons)


def test_the_command_names_a_task_or_a_folder(
    toys: ToyMixture, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shell = Shell(monkeypatch, capsys)
    assert "name a TASK, or --tasks FOLDER" in shell("adapt").err
    assert "name a TASK, or --tasks FOLDER" in shell("adapt", "tints.py", "--tasks", "mix").err
    assert "are for one TASK" in shell("adapt", "--tasks", "mix", "--method", "dpo").err
    assert "--evaluation is for --tasks" in shell("adapt", "tints.py", "--evaluation", "judge").err
    Path("empty").mkdir()
    assert "empty has no tasks.py" in shell("adapt", "--tasks", "empty", "--model", "tiny").err
    flags = ("--model", "tiny", "--threads", "1", "--rank", "4", "--epochs", "2", "--no-promote")
    result = shell("adapt", "--tasks", "mix", "--evaluation", "judge", *flags)
    assert result.code == 0 and "plait models alias tiny-typed 1" in result.out


def test_too_few_rows_and_an_adapted_model_are_refused(toys: ToyMixture) -> None:
    write_folder(Path("mix"), ("colour", "paint", "shade"), "red", 3)
    with pytest.raises(InputError, match="mix has 9 examples to learn from; 10 are the least"):
        toys.adapt()
    adapted = Model("mine", Config(path=toys.model.config.file, adapter=toys.model.config.file))
    with pytest.raises(SettingsError, match="mine has an adapter already"):
        replace(toys, model=adapted).adapt()
