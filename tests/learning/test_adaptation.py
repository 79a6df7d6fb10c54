"""From examples to a version that answers, or that stays a candidate: with a tiny model that is trained for real."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import InputError, SettingsError
from plait.core.prompting.project import project_folder, project_key
from plait.foundation.text.adapt_request import DpoConfig, LoraConfig, SftConfig
from plait.learning.adapt import run_lock
from plait.learning.adapt_plan import runs_folder
from plait.learning.adaptation import adapt
from plait.learning.gate import GateRule
from plait.learning.judged_run import AdaptedVersion, AdaptOptions
from plait.learning.verdict import GateVerdict
from plait.service.engines.llamacpp.config import Config
from plait.service.models.discovery import Model
from plait.service.models.registry import current_registry
from tests.support.running_server import Shell
from tests.support.tiny_llama import TinyLlama

COLOUR = '''from typing import Literal
from plait import task

@task
def colour(thing: str) -> Literal["red", "green", "blue", "yellow"]:
    """Which colour has {thing}?"""
    ...
'''
ANSWERS = ("red", "green", "blue", "yellow")
CONFIG = SftConfig(LoraConfig(rank=4), learning_rate=2e-2, epochs=2, batch_tokens=400)
RULE = GateRule(min_positions=100)  # the tiny model is sure of few tokens
WORDS = ("apple", "stone", "house", "river", "cloud", "paper", "glass", "table", "horse", "night")

pytestmark = [pytest.mark.model, pytest.mark.slow]


@dataclass(frozen=True)
class ColourTask:
    """A task with 24 held-out rows, and a tiny model that answers the same whatever the input is."""

    task: Any
    model: Model

    def adapt(self, answer: str, said: list[str] | None = None, **options: Any) -> AdaptedVersion:
        """Adapts the model to examples that all have this answer."""
        rows = [{"thing": f"{WORDS[n % 10]} {WORDS[n // 10 + 3]} {n * 977}", "answer": answer} for n in range(30)]
        Path("corrected.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        chosen = AdaptOptions(CONFIG, 1, **{"rule": RULE, **options})
        files = [Path("corrected.jsonl")]
        return adapt(self.task.declaration, files, self.model, chosen, (said if said is not None else []).append)

    def hold_out(self, answer: Callable[[int], str], count: int = 24) -> None:
        Path("held_out").mkdir(exist_ok=True)
        rows = [
            {"thing": f"the {WORDS[n % 10]} of {WORDS[-n % 10]} {n * 31}", "answer": answer(n), "half": str(n % 2)}
            for n in range(count)
        ]
        Path("held_out/colour.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    @property
    def others(self) -> list[str]:
        """The answers that the model does not give by itself."""
        usual = self.task.using("tiny", shots=0)(thing="a thing")
        return [answer for answer in ANSWERS if answer != usual]


@pytest.fixture
def colours(load_source: Callable[..., Any], tmp_path: Path) -> ColourTask:
    file = TinyLlama(tensor_type="Q8_0", sharpness=4.0).write(tmp_path / "tiny.gguf")
    (tmp_path / "plait.toml").write_text(f'[models.tiny]\npath = "{file}"\ncontext = 512\n')
    task = load_source(COLOUR, "colour", "colours.py")
    return ColourTask(task, Model("tiny", Config(path=file, context=512)))


def champion(colours: ColourTask) -> int:
    project = project_key(project_folder(colours.task.declaration))
    return current_registry().alias(project, "tiny/colour").champion


def test_a_planted_gain_is_promoted_and_found_again(colours: ColourTask) -> None:
    wanted = colours.others[0]
    colours.hold_out(lambda n: wanted)
    said: list[str] = []
    adapted = colours.adapt(wanted, said)
    verdict = adapted.verdict
    assert verdict.holds and adapted.is_promoted and adapted.name == "tiny/colour@1", str(verdict)
    assert verdict.score.mean > 0.9 > verdict.champion.score.mean and verdict.parity and not verdict.parity.fault
    assert said.index(str(RULE)) < min(n for n, line in enumerate(said) if "comparing" in line)
    assert champion(colours) == 1

    version = adapted.version
    kept = current_registry().version(version.project, version.name, 1)
    assert GateVerdict.from_json(kept.verdict or "") == verdict
    made_by = kept.made_by
    assert len(made_by.examples) == 30 and made_by.config["epochs"] == 2 and made_by.packages["torch"]
    (change,) = current_registry().history(version.project, version.name)
    assert change.reason.startswith("gate: +")

    again = colours.adapt(wanted)
    assert again.verdict == verdict and again.version.number == 1 and again.is_promoted
    assert len(current_registry().versions(version.project, version.name)) == 1


def test_a_model_that_learns_to_prefer_another_answer_is_promoted(colours: ColourTask) -> None:
    wanted = colours.others[0]
    usual = next(answer for answer in ANSWERS if answer not in colours.others)
    colours.hold_out(lambda n: wanted)
    rows = [{"thing": f"{WORDS[n % 10]} {n * 977}", "answer": wanted, "rejected": usual} for n in range(30)]
    Path("pairs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = DpoConfig(LoraConfig(rank=4), learning_rate=5e-3, epochs=2, batch_tokens=400)
    options = AdaptOptions(config, 1, rule=RULE)
    adapted = adapt(colours.task.declaration, [Path("pairs.jsonl")], colours.model, options, print)
    assert adapted.verdict.holds and adapted.is_promoted, str(adapted.verdict)
    assert adapted.version.made_by.config["method"] == "dpo"


def test_what_answers_is_trained_on_and_says_so(colours: ColourTask) -> None:
    first, second = colours.others[:2]
    colours.hold_out(lambda n: first)
    assert colours.adapt(first).is_promoted
    colours.hold_out(lambda n: second)
    said: list[str] = []
    adapted = colours.adapt(second, said)
    assert adapted.verdict.score.mean > 0.9 and adapted.name == "tiny/colour@2", str(adapted.verdict)
    assert any(line.endswith("; trains on from tiny/colour@1") for line in said)
    assert adapted.version.made_by.config["start"] == "tiny/colour@1"
    assert colours.adapt(second).version.number == 2, "the same command finds it again"
    anew = colours.adapt(second, from_base=True)
    assert anew.version.number == 3 and "start" not in anew.version.made_by.config


def test_a_planted_loss_stays_a_candidate_with_its_reasons(colours: ColourTask) -> None:
    usual = next(answer for answer in ANSWERS if answer not in colours.others)
    colours.hold_out(lambda n: usual)
    adapted = colours.adapt(colours.others[0])
    assert not adapted.verdict.holds and not adapted.is_promoted and champion(colours) == 0
    assert any("half=0 loses" in reason or "the gain is -" in reason for reason in adapted.verdict.reasons)
    assert adapted.verdict.worse and adapted.verdict.worse[0].reference == usual


def test_too_few_held_out_rows_leave_a_candidate(colours: ColourTask) -> None:
    wanted = colours.others[0]
    colours.hold_out(lambda n: wanted, 12)
    adapted = colours.adapt(wanted)
    assert adapted.verdict.reasons == ("there are 12 held-out rows, and 20 are the least",)
    assert "held_out/colour.jsonl" in adapted.verdict.hints[1]


def test_a_candidate_can_be_kept_and_promoted_later(colours: ColourTask) -> None:
    wanted = colours.others[0]
    colours.hold_out(lambda n: wanted)
    kept = colours.adapt(wanted, promote=False)
    assert kept.verdict.holds and not kept.is_promoted and champion(colours) == 0
    assert colours.adapt(wanted).is_promoted and champion(colours) == 1


def test_a_second_adaptation_of_a_task_at_once_is_refused(colours: ColourTask) -> None:
    folder = runs_folder(colours.task.declaration)
    folder.mkdir(parents=True)
    with (
        run_lock(folder),
        pytest.raises(SettingsError, match=r"another process works in .*colour-.*: it has the number"),
    ):
        colours.adapt("red")


def test_a_wrong_template_is_found(colours: ColourTask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trainer's rows get another prompt than the one that is served."""
    from plait.learning import run_rows as module

    original = module.encodable

    async def other_template(*arguments: Any) -> Any:
        async for example, row in original(*arguments):
            yield example, type(row)((*row.prompt[:3], 28, *row.prompt[3:]), row.answer, row.learned)

    monkeypatch.setattr(module, "encodable", other_template)
    wanted = colours.others[0]
    colours.hold_out(lambda n: wanted)
    verdict = colours.adapt(wanted).verdict
    assert any("rows have other token ids on the server" in reason for reason in verdict.reasons)


def test_the_command_and_the_method_print_a_verdict(
    colours: ColourTask, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    wanted = colours.others[0]
    colours.hold_out(lambda n: wanted)
    colours.adapt(wanted)  # writes corrected.jsonl
    shell = Shell(monkeypatch, capsys)
    flags = ("--model", "tiny", "--data", "corrected.jsonl", "--threads", "1", "--rank", "4")
    result = shell("adapt", "colours.py:colour", *flags, "--gate-rows", "20")
    assert result.code == 0 and "rule: promoted if" in result.out and str(GateRule()) in result.err
    assert "plait models rollback tiny/colour" in result.out or "plait models alias tiny/colour 2" in result.out
    version = colours.task.adapt("corrected.jsonl", model="tiny", rank=4, gate_rows=20)
    assert version.name == "tiny/colour@2" and str(version.verdict) in result.out
    with pytest.raises(InputError, match=r"missing\.jsonl cannot be read"):
        colours.task.adapt("missing.jsonl", model="tiny")
