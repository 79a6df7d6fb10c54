"""Answers that are marked right or wrong: the loss is that of the paper, marks are learned, a killed run resumes."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from plait.core.errors import InputError, SettingsError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import ADAPTER_FILE, AdaptRequest, KtoConfig, LoraConfig
from plait.foundation.text.adapt_run import adapt
from plait.foundation.text.adapter_file import add_adapters, load_adapter
from plait.foundation.text.kto import KtoObjective, mark_weights, with_other_answers
from plait.foundation.text.model import load_decoder
from plait.foundation.text.preference_row import MarkedRow, read_marked_rows
from plait.foundation.text.token_row import TokenRow, write_token_rows
from plait.foundation.training.checkpoints import Checkpoints
from plait.foundation.training.config import RunConfig
from plait.foundation.training.linear import full_precision
from plait.foundation.training.lora import adapter_weights
from tests.support.adapted_models import log_prob
from tests.support.killed_run import run_and_kill

SHA256 = "ab" * 32
LORA = LoraConfig(rank=4, alpha=8.0)
CONFIG = KtoConfig(LORA, learning_rate=1e-2, epochs=3, batch_tokens=150)
HOUSE = tuple(10 + number % 30 for number in range(20))


def answer(number: int, word: int) -> TokenRow:
    return TokenRow((*HOUSE, 5 + number % 5, 20 + number % 4), (8, 30 + word % 4, 9, 2), (1,))


def marked(numbers: range = range(18)) -> list[MarkedRow]:
    """Every third answer is wrong."""
    return [MarkedRow(answer(n, n + (n % 3 == 0)), n % 3 != 0) for n in numbers]


@pytest.fixture
def request_of(base: Path, tmp_path: Path) -> Callable[..., AdaptRequest]:
    write_token_rows(tmp_path / "marked.jsonl", marked())

    def make(name: str = "run", config: KtoConfig = CONFIG) -> AdaptRequest:
        run = RunConfig(checkpoint_every=2)
        file, folder = tmp_path / "marked.jsonl", tmp_path / name
        return AdaptRequest(name, base, SHA256, file, folder, "colours", config=config, run=run)

    return make


def test_the_loss_is_that_of_the_paper_computed_answer_by_answer(base: Path, tmp_path: Path) -> None:
    model, untouched = load_decoder(read_gguf_header(base)), load_decoder(read_gguf_header(base))
    add_adapters(model, LORA)
    for weight in adapter_weights(model).values():
        weight.data.normal_(0, 0.1, generator=torch.Generator().manual_seed(weight.numel()))
    objective = KtoObjective(model, marked(), CONFIG, SHA256, tmp_path)
    with full_precision():
        objective.start(0)
        batch = objective.batch(0)
        loss = objective.loss(batch)["preference"]
        ratios = [
            [(log_prob(model, each) - log_prob(untouched, each)).item() for each in row.answers] for row in batch.rows
        ]
    own, other = torch.tensor(ratios).unbind(1)
    divergence = max(0.0, other.mean().item())
    losses = [
        1 - torch.sigmoid(0.1 * (r - divergence)) if row.is_right else 2 * (1 - torch.sigmoid(0.1 * (divergence - r)))
        for r, row in zip(own, batch.rows, strict=True)
    ]
    assert {row.is_right for row in batch.rows} == {True, False}
    assert loss.item() == pytest.approx(torch.stack(losses).mean().item(), abs=1e-6)


def test_every_row_gets_the_answer_of_another_one_to_its_own_prompt() -> None:
    rows = with_other_answers(marked(), 0)
    assert [row.own for row in rows] == [row.row for row in marked()]
    assert all(row.other.prompt == row.own.prompt for row in rows)
    assert sorted(row.other.answer for row in rows) == sorted(row.own.answer for row in rows)
    assert with_other_answers(marked(), 0) == rows != with_other_answers(marked(), 1)


def test_right_and_wrong_rows_weigh_alike() -> None:
    assert mark_weights(right=30, wrong=10) == (3.0, 1.0)
    assert mark_weights(right=5, wrong=10) == (1.0, 2.0)
    assert mark_weights(right=5, wrong=0) == (1.0, 1.0)


def test_a_run_makes_right_answers_likelier(request_of: Callable[..., AdaptRequest], base: Path) -> None:
    request = request_of(config=KtoConfig(LORA, learning_rate=1e-2, epochs=16, batch_tokens=150))
    assert adapt(request) == 0
    model, untouched = load_decoder(read_gguf_header(base)), load_decoder(read_gguf_header(base))
    load_adapter(model, read_gguf_header(request.folder / ADAPTER_FILE))

    def log_ratio(row: TokenRow) -> float:
        return (log_prob(model, row) - log_prob(untouched, row)).item()

    held_out = [(answer(n, n), answer(n, n + 1)) for n in range(18, 20)]
    assert all(log_ratio(right) > log_ratio(wrong) + 0.5 for right, wrong in held_out)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_killed_run_goes_on_to_the_same_adapter(request_of: Callable[..., AdaptRequest]) -> None:
    whole, killed = request_of("whole"), request_of("killed")
    assert not run_and_kill(whole, Checkpoints, "save", calls=100)
    kills = 0
    while run_and_kill(killed, Checkpoints, "save", calls=3):
        kills += 1
    assert kills >= 1
    assert (killed.folder / ADAPTER_FILE).read_bytes() == (whole.folder / ADAPTER_FILE).read_bytes()


def test_rows_are_read_as_they_were_written_and_others_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "marked.jsonl"
    write_token_rows(file, marked())
    assert read_marked_rows(file, 50) == tuple(marked())
    write_token_rows(file, [MarkedRow(TokenRow((5,), (99,), (0,)), True)])
    with pytest.raises(InputError, match=r"marked\.jsonl:1 has no tokens, or others than those of the model"):
        read_marked_rows(file, 50)


def test_a_beta_that_learns_nothing_is_refused() -> None:
    with pytest.raises(SettingsError, match="beta 0 learns nothing"):
        KtoConfig(beta=0.0)
