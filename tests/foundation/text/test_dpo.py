"""Preference pairs: the loss is that of the paper, its reference is the frozen model, a killed run resumes."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from plait.core.errors import CheckpointError, InputError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text import reference_file
from plait.foundation.text.adapt_request import ADAPTER_FILE, AdaptRequest, DpoConfig, LoraConfig, read_request
from plait.foundation.text.adapt_request import write_request as write_adapt_request
from plait.foundation.text.adapt_run import adapt
from plait.foundation.text.adapter_file import add_adapters, load_adapter
from plait.foundation.text.model import TextDecoder, load_decoder
from plait.foundation.text.preference_objective import REFERENCE_FILE, DpoObjective, margin
from plait.foundation.text.preference_row import PreferenceRow, read_preference_rows
from plait.foundation.text.token_row import TokenRow, write_token_rows
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.config import RunConfig
from plait.foundation.training.linear import full_precision
from plait.foundation.training.lora import adapter_weights
from tests.support.adapted_models import log_prob
from tests.support.killed_run import run_and_kill

SHA256 = "ab" * 32
LORA = LoraConfig(rank=4, alpha=8.0)
CONFIG = DpoConfig(LORA, learning_rate=1e-2, epochs=3, batch_tokens=120)
HOUSE = tuple(10 + number % 30 for number in range(20))


def pairs(numbers: range = range(16)) -> list[PreferenceRow]:
    """Pairs with long prompts that begin alike. The right word follows from the one in the prompt."""

    def row(number: int, word: int) -> TokenRow:
        return TokenRow((*HOUSE, 5 + number % 5, 20 + number % 4), (8, word, 9, 2), (0, 1, 3))

    return [PreferenceRow(row(n, 30 + n % 4), row(n, 30 + (n + 1) % 4)) for n in numbers]


@pytest.fixture
def request_of(base: Path, tmp_path: Path) -> Callable[..., AdaptRequest]:
    write_token_rows(tmp_path / "pairs.jsonl", pairs())

    def make(name: str = "run", config: DpoConfig = CONFIG) -> AdaptRequest:
        run = RunConfig(checkpoint_every=2)
        file, folder = tmp_path / "pairs.jsonl", tmp_path / name
        return AdaptRequest(name, base, SHA256, file, folder, "colours", config=config, run=run)

    return make


def adapted_model(base: Path) -> TextDecoder:
    """A model whose adapters change it."""
    model = load_decoder(read_gguf_header(base))
    add_adapters(model, LORA)
    for weight in adapter_weights(model).values():
        weight.data.normal_(0, 0.1, generator=torch.Generator().manual_seed(weight.numel()))
    return model


def margins(model: TextDecoder, untouched: TextDecoder, rows: Sequence[PreferenceRow]) -> torch.Tensor:
    ratios = [
        [log_prob(model, each) - log_prob(untouched, each) for each in (row.chosen, row.rejected)] for row in rows
    ]
    return torch.stack([chosen - rejected for chosen, rejected in ratios])


def test_the_loss_is_that_of_the_paper_computed_answer_by_answer(base: Path, tmp_path: Path) -> None:
    model, untouched, rows = adapted_model(base), load_decoder(read_gguf_header(base)), pairs(range(5))
    objective = DpoObjective(model, rows, CONFIG, SHA256, tmp_path)
    weights = list(objective.module.parameters())
    with full_precision():
        objective.start(0)
        batch = objective.batch(0)
        loss = objective.loss(batch)["preference"]
        gradients = torch.autograd.grad(loss, weights)
        difference = margins(model, untouched, batch.rows)
        expected = -torch.log(torch.sigmoid(0.1 * difference)).mean()
        expected_gradients = torch.autograd.grad(expected, weights)
    assert difference.abs().max() > 0.1, "the adapters prefer something"
    assert loss.item() == pytest.approx(expected.item(), abs=1e-6)
    assert all(map(lambda one, other: torch.allclose(one, other, atol=1e-6), gradients, expected_gradients))
    assert objective.breakdown.tasks["margin"].item() == pytest.approx(difference.mean().item(), abs=1e-5)


def test_a_prompt_is_computed_once_for_both_answers_and_forced_tokens_carry_no_loss(base: Path, tmp_path: Path) -> None:
    rows = pairs(range(4))
    objective = DpoObjective(adapted_model(base), rows, CONFIG, SHA256, tmp_path)
    batch = objective.pack(rows)
    assert len(batch.token_ids) < sum(len(row.chosen.token_ids) for row in rows)
    assert 9 not in batch.targets.tolist() and 8 not in batch.targets.tolist(), "forced, and the same in both answers"
    assert set(batch.targets.tolist()) == {30, 31, 32, 33, 2}


def test_the_chosen_answer_is_learned_beside_the_preference(base: Path, tmp_path: Path) -> None:
    model, rows = adapted_model(base), pairs(range(5))
    objective = DpoObjective(model, rows, replace(CONFIG, answer_weight=0.5), SHA256, tmp_path)
    alone = DpoObjective(model, rows, replace(CONFIG, answer_weight=0.0), SHA256, tmp_path)
    with full_precision(), torch.no_grad():
        objective.start(0)
        losses = objective.loss(objective.batch(0))
        chosen = [each.answers[0] for each in objective.batch(0).rows]  # without what both answers begin with
        means = [log_prob(model, each) / len(each.learned) for each in chosen]
        alone.start(0)
        assert alone.loss(alone.batch(0)) == {"preference": losses["preference"]}
    assert losses["answer"].item() == pytest.approx(-0.5 * torch.stack(means).mean().item(), abs=1e-6)


def test_new_adapters_prefer_nothing(base: Path, tmp_path: Path) -> None:
    model = load_decoder(read_gguf_header(base))
    add_adapters(model, LORA)
    objective = DpoObjective(model, pairs(), CONFIG, SHA256, tmp_path)
    with full_precision():
        objective.start(0)
        loss = objective.loss(objective.batch(0))["preference"].item()
    assert loss == pytest.approx(0.693147, abs=1e-5)


def test_a_run_raises_the_margin_of_held_out_pairs(request_of: Callable[..., AdaptRequest], base: Path) -> None:
    request = request_of(config=DpoConfig(LORA, learning_rate=1e-2, epochs=12, batch_tokens=120))
    assert adapt(request) == 0
    model, untouched = load_decoder(read_gguf_header(base)), load_decoder(read_gguf_header(base))
    load_adapter(model, read_gguf_header(request.folder / ADAPTER_FILE))
    held_out = pairs(range(16, 20))
    assert not {row.chosen.prompt for row in held_out} & {row.chosen.prompt for row in pairs()}
    assert margins(model, untouched, held_out).min() > 1


def test_the_margin_is_the_difference_of_both_log_ratios() -> None:
    assert margin(torch.tensor([[1.0, -2.0], [0.5, 0.5]])).tolist() == [3.0, 0.0]


# ── resuming ──


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_killed_run_goes_on_to_the_same_adapter(request_of: Callable[..., AdaptRequest]) -> None:
    whole, killed = request_of("whole"), request_of("killed")
    assert not run_and_kill(whole, Checkpoints, "save", calls=100)
    kills = 0
    while run_and_kill(killed, Checkpoints, "save", calls=2):
        kills += 1
    assert kills >= 3
    assert (killed.folder / ADAPTER_FILE).read_bytes() == (whole.folder / ADAPTER_FILE).read_bytes()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_reference_that_is_killed_goes_on_after_its_last_whole_line(request_of: Callable[..., AdaptRequest]) -> None:
    whole, killed = request_of("whole"), request_of("killed")
    adapt(whole, until=1)
    assert run_and_kill(killed, reference_file, "append", calls=3)
    file = killed.folder / REFERENCE_FILE
    assert len(file.read_bytes().splitlines()) == 3, "its identity and two batches"
    file.write_bytes(file.read_bytes()[:-5])  # the last line is cut off
    adapt(killed, until=1)
    assert file.read_bytes() == (whole.folder / REFERENCE_FILE).read_bytes()


def test_a_reference_is_not_computed_twice_and_other_rows_have_another(base: Path, tmp_path: Path) -> None:
    computed: list[int] = []

    def started(rows: Sequence[PreferenceRow]) -> DpoObjective:
        objective = DpoObjective(adapted_model(base), rows, CONFIG, SHA256, tmp_path)
        compute = objective.log_probs_of_base

        def counted(numbers: Sequence[int]) -> torch.Tensor:
            computed.extend(numbers)
            return compute(numbers)

        objective.log_probs_of_base = counted  # type: ignore[method-assign]
        objective.start(0)
        return objective

    first = started(pairs())
    assert sorted(computed) == list(range(16))
    assert torch.equal(started(pairs()).reference, first.reference) and len(computed) == 16
    started(pairs(range(1, 17)))
    assert len(computed) == 32


def test_a_damaged_reference_names_its_file(request_of: Callable[..., AdaptRequest]) -> None:
    request = request_of()
    adapt(request, until=1)
    file = request.folder / REFERENCE_FILE
    file.write_bytes(file.read_bytes().replace(b"[[", b"[[x", 1))
    with pytest.raises(CheckpointError, match=r"reference\.jsonl is damaged: '\[\[x"):
        adapt(request, until=2)


# ── rows ──


def test_rows_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "pairs.jsonl"
    sha256 = write_token_rows(file, pairs())
    assert read_preference_rows(file, 50) == tuple(pairs()) and len(sha256) == 64


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (PreferenceRow(TokenRow((5,), (8, 2), (0,)), TokenRow((5,), (8, 2), (0,))), "rejects the very answer"),
        (PreferenceRow(TokenRow((5,), (8, 2), (0,)), TokenRow((6,), (9, 2), (0,))), "has two prompts"),
        (PreferenceRow(TokenRow((5,), (8, 2), (0,)), TokenRow((5,), (99, 2), (0,))), "others than those of the model"),
        (PreferenceRow(TokenRow((5,), (8, 2), (7,)), TokenRow((5,), (9, 2), (0,))), "learns a token"),
    ],
)
def test_a_row_that_is_no_preference_is_refused_with_its_line(tmp_path: Path, row: PreferenceRow, reason: str) -> None:
    write_token_rows(tmp_path / "pairs.jsonl", [*pairs(range(1)), row])
    with pytest.raises(InputError, match=rf"pairs\.jsonl:2 .*{reason}"):
        read_preference_rows(tmp_path / "pairs.jsonl", 50)


def test_a_request_keeps_its_method(request_of: Callable[..., AdaptRequest], tmp_path: Path) -> None:
    request = request_of(config=DpoConfig(LORA, beta=0.3))
    write_adapt_request(request, tmp_path / "request.json")
    assert read_request(tmp_path / "request.json") == request
