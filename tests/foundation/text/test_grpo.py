"""GRPO: the loss is equation 3 of the paper, better answers get likelier, and a killed run repeats its own samples."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from subprocess import PIPE, Popen
from sys import executable
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from plait.core.errors import CheckpointError, InputError, SettingsError, TrainingError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import ADAPTER_FILE, AdaptRequest, GrpoConfig, LoraConfig, read_request
from plait.foundation.text.adapt_request import write_request as write_adapt_request
from plait.foundation.text.adapt_run import adapt
from plait.foundation.text.adapter_file import add_adapters, load_adapter
from plait.foundation.text.answer_samples import (
    AnswerGroup,
    PromptRow,
    SampledAnswer,
    SampleRequest,
    SamplerGone,
    no_sampler,
    read_prompt_rows,
    serve_samples,
)
from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.grpo import GrpoObjective, advantages
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.text.sample_rounds import (
    ROUNDS_FOLDER,
    SampledRound,
    read_round,
    round_file,
    sampled_rounds,
    sampling_summary,
)
from plait.foundation.text.token_row import write_token_rows
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.config import RunConfig
from plait.foundation.training.linear import full_precision
from plait.foundation.training.lora import adapter_weights, reference_adapters
from tests.support.killed_run import run_and_kill
from tests.support.toy_sampler import ToySampler, right_word, word_probs

SHA256 = "ab" * 32
LORA = LoraConfig(rank=4, alpha=8.0)
CONFIG = GrpoConfig(LORA, learning_rate=1e-2, epochs=4, batch_tokens=200)
HOUSE = tuple(10 + number % 30 for number in range(20))


def prompts(numbers: range = range(8), samples: int = 8) -> list[PromptRow]:
    """Prompts that begin alike. The right word follows from the last one."""
    return [PromptRow((*HOUSE, 5 + n % 5, 20 + n % 4), (8, 30 + n % 4, 2), samples) for n in numbers]


@pytest.fixture
def request_of(base: Path, tmp_path: Path) -> Callable[..., AdaptRequest]:
    write_token_rows(tmp_path / "prompts.jsonl", prompts())

    def make(name: str = "run", config: GrpoConfig = CONFIG) -> AdaptRequest:
        run = RunConfig(checkpoint_every=3)
        (tmp_path / name).mkdir()
        return AdaptRequest(name, base, SHA256, tmp_path / "prompts.jsonl", tmp_path / name, config=config, run=run)

    return make


def toy_sampler(request: AdaptRequest, **options: Any) -> ToySampler:
    return ToySampler(request.base, prompts(), request.folder / "requested", **options)


# ── loss ──


def group(row: int, *answers: tuple[tuple[int, ...], tuple[int, ...], float]) -> AnswerGroup:
    return AnswerGroup(row, tuple(SampledAnswer(*each) for each in answers))


GROUPS = (
    group(0, ((8, 30, 9, 31, 2), (1, 3, 4), 1.0), ((8, 32, 2), (1,), 0.25), ((8, 33, 2), (1, 2), 0.0)),
    group(1, ((8, 30, 2), (1,), 0.5), ((8, 31, 2), (1,), 0.5)),  # equal rewards
    group(2, ((8, 31, 2), (1, 2), 3.0), ((8, 31, 2), (1, 2), 3.0), ((8, 30, 31, 32, 2), (1, 2, 3, 4), -5.0)),
)


def moved(model: TextDecoder, size: float) -> None:
    """Moves the adapters by random numbers."""
    generator = torch.Generator().manual_seed(3)
    for weight in adapter_weights(model).values():
        weight.data += size * torch.randn(weight.shape, generator=generator)


def token_log_probs(model: TextDecoder, prompt: tuple[int, ...], answer: SampledAnswer) -> list[torch.Tensor]:
    """Those of the learned tokens of an answer, computed alone."""
    ids = torch.tensor(prompt + answer.answer)
    logits = model.logits(model(ids, PackedDocuments((len(ids),))))
    places = [len(prompt) + index for index in answer.learned]
    return [-F.cross_entropy(logits[place - 1], ids[place]) for place in places]


def equation_3(model: TextDecoder, old: TextDecoder, rows: Sequence[PromptRow], clip: float, beta: float) -> Any:
    """The objective of the paper, written as there: sums over questions, answers and tokens, one after another."""
    total = torch.zeros(())
    taught = [each for each in GROUPS if len({answer.reward for answer in each.answers}) > 1]
    for each in taught:
        rewards = [answer.reward or 0.0 for answer in each.answers]
        mean = fmean(rewards)
        std = fmean((reward - mean) ** 2 for reward in rewards) ** 0.5
        inner = torch.zeros(())
        for answer, reward in zip(each.answers, rewards, strict=True):
            advantage = (reward - mean) / std
            own = token_log_probs(model, rows[each.row].prompt, answer)
            with torch.no_grad():
                before = token_log_probs(old, rows[each.row].prompt, answer)
                with reference_adapters(old):
                    reference = token_log_probs(old, rows[each.row].prompt, answer)
            tokens = torch.zeros(())
            for new, policy, ref in zip(own, before, reference, strict=True):
                ratio = torch.exp(new) / torch.exp(policy)
                divergence = torch.exp(ref) / torch.exp(new) - torch.log(torch.exp(ref) / torch.exp(new)) - 1
                clipped = torch.clamp(ratio, 1 - clip, 1 + clip) * advantage
                tokens = tokens + torch.minimum(ratio * advantage, clipped) - beta * divergence
            inner = inner + tokens / len(own)
        total = total + inner / len(each.answers)
    return total / len(taught)


def test_the_loss_and_its_gradient_are_those_of_equation_3_computed_token_by_token(base: Path, tmp_path: Path) -> None:
    rows = prompts(range(3))
    model, old = load_decoder(read_gguf_header(base)), load_decoder(read_gguf_header(base))
    for each in (model, old):
        add_adapters(each, LORA)
        moved(each, 0.1)
    config = replace(CONFIG, epochs=1, beta=0.2, clip=0.1, batch_tokens=10_000)
    objective = GrpoObjective(
        model, rows, config, SHA256, tmp_path, lambda request: [GROUPS[row] for row in request.rows]
    )
    weights = list(objective.module.parameters())
    with full_precision():
        first = objective.batch(0)
        loss_before = objective.loss(first)["policy"].item()
        moved(model, 0.03)  # between the steps of a round
        loss = objective.loss(objective.batch(1))["policy"]
        gradients = torch.autograd.grad(loss, weights)
        expected = -equation_3(model, old, rows, clip=0.1, beta=0.2)
        expected_gradients = torch.autograd.grad(expected, weights)
    figures = {name: each.item() for name, each in objective.breakdown.tasks.items()}
    assert loss.item() == pytest.approx(expected.item(), abs=1e-6) and abs(loss.item() - loss_before) > 1e-3
    assert 0 < figures["clipped"] < 1 and figures["divergence"] > 0.001, "both terms matter here"
    assert figures["equal"] == pytest.approx(1 / 3) and max(each.abs().max() for each in gradients) > 1e-3
    assert all(map(lambda one, other: torch.allclose(one, other, atol=2e-6), gradients, expected_gradients))


def test_the_reward_of_an_answer_counts_against_its_group() -> None:
    assert advantages([1.0, 0.0, 0.0, 1.0]).tolist() == [1.0, -1.0, -1.0, 1.0]
    assert advantages([3.0, 3.0, 0.0]).tolist() == pytest.approx([0.70711, 0.70711, -1.41421], abs=1e-5)


def test_groups_with_equal_rewards_have_no_gradient(base: Path, tmp_path: Path) -> None:
    model = load_decoder(read_gguf_header(base))
    add_adapters(model, LORA)
    objective = GrpoObjective(model, prompts(range(2)), CONFIG, SHA256, tmp_path, no_sampler)
    loss = objective.loss(SampledRound((GROUPS[1], AnswerGroup(0, (), failed=3)), (), ()))["policy"]
    gradients = torch.autograd.grad(loss, list(objective.module.parameters()))
    assert loss.item() == 0 and all(each.abs().max() == 0 for each in gradients)
    assert objective.breakdown.tasks["equal"] == 1
    assert not group(0, ((8, 2), (1,), 0.3), ((9, 2), (1,), 0.3 + 1e-9)).teaches, "rounding is no difference"


# ── runs ──


def mean_probability(base: Path, adapter: Path | None) -> float:
    """The mean probability of the right word, also after prompts that were not learned: the mean reward to expect."""
    model = load_decoder(read_gguf_header(base))
    if adapter:
        load_adapter(model, read_gguf_header(adapter))
    return fmean(float(word_probs(model, row)[row.prompt[-1] - 20]) for row in prompts(range(12)))


@pytest.mark.slow
def test_a_run_raises_the_mean_reward(request_of: Callable[..., AdaptRequest], base: Path) -> None:
    request = request_of(config=replace(CONFIG, epochs=10))
    assert adapt(request, sampler=toy_sampler(request)) == 0
    rounds = list(sampled_rounds(request.folder))
    assert len(rounds) <= 30 and rounds[-1].mean_reward > rounds[0].mean_reward + 0.3
    before, after = mean_probability(base, None), mean_probability(base, request.folder / ADAPTER_FILE)
    assert before < 0.3 and after > 0.6
    assert "mean reward" in sampling_summary(rounds) and "equal rewards" in sampling_summary(rounds)


@pytest.mark.slow
def test_a_run_whose_rewards_are_turned_around_lowers_it(request_of: Callable[..., AdaptRequest], base: Path) -> None:
    request = request_of(config=replace(CONFIG, epochs=6))
    adapt(request, sampler=toy_sampler(request, reward=lambda row, word: -right_word(row, word)))
    assert mean_probability(base, request.folder / ADAPTER_FILE) < mean_probability(base, None)


def test_a_run_without_a_difference_ends_when_every_prompt_was_answered(
    request_of: Callable[..., AdaptRequest],
) -> None:
    request = request_of()
    with pytest.raises(TrainingError, match="all 8 answers to each of the 8 prompts had the same reward"):
        adapt(request, sampler=toy_sampler(request, reward=lambda row, word: 1.0))
    assert {row for each in sampled_rounds(request.folder) for row in each.rows} == set(range(8))


# ── resuming ──


def killed_until_done(request: AdaptRequest, after_kill: Callable[[], object] = lambda: None) -> int:
    """Kills a run at every second checkpoint until it comes to its end; returns how often."""
    kills = 0
    while run_and_kill(request, Checkpoints, "save", calls=2, sampler=toy_sampler(request)):
        kills += 1
        after_kill()
        assert kills < 20
    return kills


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_killed_run_goes_on_to_the_same_adapter_by_its_own_samples(request_of: Callable[..., AdaptRequest]) -> None:
    whole, killed, control = request_of("whole"), request_of("killed"), request_of("control")
    assert not run_and_kill(whole, Checkpoints, "save", calls=100, sampler=toy_sampler(whole))
    assert killed_until_done(killed) >= 3
    assert (killed.folder / ADAPTER_FILE).read_bytes() == (whole.folder / ADAPTER_FILE).read_bytes()
    requested = (killed.folder / "requested").read_text().split()
    assert len(requested) == len(set(requested)), "no round is sampled twice"
    # The control loses its samples with every kill, and samples again.
    killed_until_done(control, lambda: shutil.rmtree(control.folder / ROUNDS_FOLDER))
    assert (control.folder / ADAPTER_FILE).read_bytes() != (whole.folder / ADAPTER_FILE).read_bytes()


def test_a_damaged_round_and_one_of_other_rows_name_their_file(request_of: Callable[..., AdaptRequest]) -> None:
    request = request_of()
    adapt(request, until=1, sampler=toy_sampler(request))
    file = round_file(request.folder, 0)
    content = file.read_bytes()
    file.write_bytes(content[:-20])
    with pytest.raises(CheckpointError, match=r"000000\.json has no samples"):
        read_round(request.folder, 0)
    rows = prompts(range(1, 9))
    write_token_rows(request.rows, rows[:2])
    file.write_bytes(content)
    shutil.rmtree(next(request.folder.glob("step-*")))
    with pytest.raises(CheckpointError, match=r"000000\.json has the samples of other rows"):
        adapt(request, until=1, sampler=toy_sampler(request))


# ── between processes ──

CHILD = """
import sys
from pathlib import Path
from plait.foundation.text.answer_samples import PipeSampler, SampleRequest, SamplerGone
ask = PipeSampler.of_this_process()
print("a line that a library prints")
try:
    for number in range(3):
        (group,) = ask(SampleRequest(number, (number,), Path("policy.gguf")))
        assert group.row == number and group.answers[0].reward == 0.1, group
except SamplerGone:
    sys.exit(7)
"""


def test_a_process_asks_its_parent_for_samples() -> None:
    seen: list[SampleRequest] = []

    def sample(request: SampleRequest) -> list[AnswerGroup]:
        seen.append(request)
        return [group(row, ((8, 2), (0,), 0.1)) for row in request.rows]

    with Popen([executable, "-c", CHILD], stdin=PIPE, stdout=PIPE) as process:
        assert process.stdin and process.stdout
        serve_samples(process.stdout, process.stdin, sample)
    assert process.returncode == 0
    assert seen == [SampleRequest(number, (number,), Path("policy.gguf")) for number in range(3)]


def test_a_process_whose_parent_samples_no_more_ends() -> None:
    with Popen([executable, "-c", CHILD], stdin=PIPE, stdout=PIPE) as process:
        assert process.stdout and process.stdin
        assert process.stdout.readline()
        process.stdin.close()
    assert process.returncode == 7
    with pytest.raises(SamplerGone, match="nothing samples answers"):
        no_sampler(SampleRequest(0, (), Path()))


# ── rows and configuration ──


def test_rows_and_requests_are_read_as_they_were_written(
    request_of: Callable[..., AdaptRequest], tmp_path: Path
) -> None:
    request = request_of(config=GrpoConfig(LORA, group=4, reward="rules.py:brief", reward_sha256="cd" * 32))
    write_adapt_request(request, tmp_path / "request.json")
    assert read_request(tmp_path / "request.json") == request
    assert read_prompt_rows(request.rows, 50) == tuple(prompts())
    for row, reason in (
        (PromptRow((5,), (8, 2), 1), "samples fewer than two"),
        (PromptRow((99,), (8, 2), 2), "others than those of the model"),
    ):
        write_token_rows(request.rows, [*prompts(range(1)), row])
        with pytest.raises(InputError, match=rf"prompts\.jsonl:2 .*{reason}"):
            read_prompt_rows(request.rows, 50)


def test_a_group_of_one_and_impossible_numbers_are_refused() -> None:
    with pytest.raises(SettingsError, match="a group of 1 has no other answer"):
        GrpoConfig(group=1)
    for options in ({"updates": 0}, {"clip": 1.0}, {"beta": -0.1}, {"beta": float("nan")}):
        with pytest.raises(SettingsError, match="are possible"):
            GrpoConfig(**options)
