"""A reward model orders pairs of answers as people did, also pairs that it has not seen."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.foundation.text.adapt_request import ADAPTER_FILE, AdaptRequest, LoraConfig, RewardConfig
from plait.foundation.text.adapt_run import adapt
from plait.foundation.text.adapter_file import add_adapters, load_adapter
from plait.foundation.text.attention import PackedDocuments
from plait.foundation.text.model import load_decoder
from plait.foundation.text.preference_row import PreferenceRow
from plait.foundation.text.reward import RewardModel, RewardObjective, answer_rewards
from plait.foundation.text.reward_head import REWARD_FILE, RewardHead, read_reward_head
from plait.foundation.text.token_row import TokenRow, write_token_rows
from plait.foundation.training.config import RunConfig
from plait.foundation.training.linear import full_precision
from plait.foundation.training.lora import adapter_weights

SHA256 = "ab" * 32
LORA = LoraConfig(rank=4, alpha=8.0)
CONFIG = RewardConfig(LORA, learning_rate=1e-2, batch_tokens=120)
HOUSE = tuple(10 + number % 30 for number in range(20))


def pairs(numbers: range) -> list[PreferenceRow]:
    """The right word follows from the one in the prompt."""

    def row(number: int, word: int) -> TokenRow:
        return TokenRow((*HOUSE, 5 + number % 5, 20 + number % 4), (8, word, 2), (1,))

    return [PreferenceRow(row(n, 30 + n % 4), row(n, 30 + (n + 1) % 4)) for n in numbers]


@pytest.fixture
def request_of(base: Path, tmp_path: Path) -> Callable[..., AdaptRequest]:
    write_token_rows(tmp_path / "pairs.jsonl", pairs(range(16)))
    write_token_rows(tmp_path / "held_out.jsonl", pairs(range(16, 20)))

    def make(name: str, epochs: int = 3) -> AdaptRequest:
        return AdaptRequest(
            name, base, SHA256, tmp_path / "pairs.jsonl", tmp_path / name, config=replace(CONFIG, epochs=epochs),
            run=RunConfig(checkpoint_every=10), held_out_rows=tmp_path / "held_out.jsonl",
        )  # fmt: skip

    return make


def test_the_loss_is_that_of_bradley_and_terry(base: Path) -> None:
    model = load_decoder(read_gguf_header(base))
    add_adapters(model, LORA)
    for weight in adapter_weights(model).values():
        weight.data.normal_(0, 0.1)
    rows = pairs(range(3))
    objective = RewardObjective(model, rows, CONFIG, SHA256)
    assert len(objective.plan[0]) == 3
    objective.parameters.vector.data.normal_()

    def reward(row: TokenRow) -> torch.Tensor:
        ids = torch.tensor(row.token_ids)
        return model(ids, PackedDocuments((len(ids),)))[-1] @ objective.parameters.vector

    with full_precision():
        loss = objective.loss(objective.batch(0))["preference"].item()
        margins = torch.stack([reward(row.chosen) - reward(row.rejected) for row in rows])
    assert loss == pytest.approx(-torch.log(torch.sigmoid(margins)).mean().item(), abs=1e-6)


def test_held_out_pairs_are_ordered_as_people_did_and_the_file_says_how_many(
    request_of: Callable[..., AdaptRequest], base: Path
) -> None:
    request = request_of("run", epochs=24)
    assert adapt(request) == 0
    head = read_reward_head(request.folder / REWARD_FILE)
    assert (head.base_sha256, head.pairs, head.accuracy) == (SHA256, 4, 1.0)
    model = load_decoder(read_gguf_header(base))
    load_adapter(model, read_gguf_header(request.folder / ADAPTER_FILE))
    held_out = pairs(range(16, 20))
    chosen = answer_rewards(model, head, [row.chosen for row in held_out])
    rejected = answer_rewards(model, head, [row.rejected for row in held_out])
    assert all(one > other + 0.5 for one, other in zip(chosen, rejected, strict=True))


def test_a_stopped_run_goes_on_to_the_same_reward(request_of: Callable[..., AdaptRequest]) -> None:
    whole, parts = request_of("whole"), request_of("parts")
    adapt(whole)
    adapt(parts, until=7)
    assert not (parts.folder / REWARD_FILE).exists()
    adapt(parts)
    for name in (REWARD_FILE, ADAPTER_FILE):
        assert (parts.folder / name).read_bytes() == (whole.folder / name).read_bytes()


def test_a_file_that_is_no_reward_and_one_of_another_model_are_refused(base: Path, tmp_path: Path) -> None:
    (tmp_path / "reward.json").write_text('{"vector": 1}')
    with pytest.raises(CheckpointError, match=r"reward\.json is no reward model"):
        read_reward_head(tmp_path / "reward.json")
    model = load_decoder(read_gguf_header(base))
    with pytest.raises(CheckpointError, match="the reward has 2 features and the model 64"):
        answer_rewards(model, RewardHead(SHA256, (0.0, 1.0)), [TokenRow((5,), (2,), ())])


def test_a_reward_model_rewards_the_answers_of_a_policy_with_whose_weights_it_shares_memory(
    request_of: Callable[..., AdaptRequest], base: Path
) -> None:
    request = request_of("run", epochs=24)
    adapt(request)
    policy = load_decoder(read_gguf_header(base))
    add_adapters(policy, LORA)
    rewards = RewardModel.load(request.folder, policy, SHA256)
    assert rewards.model.layers[0].attn_q.weight.data_ptr() == policy.layers[0].attn_q.weight.data_ptr()
    alone = load_decoder(read_gguf_header(base))
    load_adapter(alone, read_gguf_header(request.folder / ADAPTER_FILE))
    rows = [row.chosen for row in pairs(range(16, 20))]
    assert rewards.rewards(rows) == answer_rewards(alone, rewards.head, rows)
    with pytest.raises(CheckpointError, match="is a reward model of another base, with the sha256 abababababab"):
        RewardModel.load(request.folder, policy, "cd" * 32)
