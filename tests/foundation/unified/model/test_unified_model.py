from collections.abc import Iterator
from dataclasses import replace

import pytest
import torch
from torch import Tensor

from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.training.linear import full_precision
from plait.foundation.unified.model.layers import SequencePacking
from plait.foundation.unified.model.unified_model import UnifiedModel

WORDS = vocabulary()
TINY = SIZES["tiny"]


@pytest.fixture(autouse=True)
def exact_products() -> Iterator[None]:
    """What is equal to the last digits is equal in full precision; with AMX products are rounded to bf16."""
    with full_precision():
        yield


GROWN = {
    "dense": {},
    "experts": {"experts": 4},
    "two used": {"experts": 4, "experts_used": 2},
    "adapted": {"adapters": 8},
}


@pytest.fixture(scope="module", params=GROWN.values(), ids=GROWN.keys())
def model(request: pytest.FixtureRequest) -> UnifiedModel:
    """With weights everywhere: outputs that begin at zero would hide what lies behind them."""
    torch.manual_seed(0)
    model = UnifiedModel(replace(TINY, **request.param), WORDS).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if not parameter.any():
                parameter.normal_(std=0.05)
    return model


def pictures(count: int, side: int = TINY.side) -> Tensor:
    return torch.randint(0, 256, (count, side, side, 3), dtype=torch.uint8, generator=torch.Generator().manual_seed(1))


def texts(*lengths: int) -> tuple[Tensor, Tensor]:
    """Random ids of those lengths, padded, and where they are no padding."""
    generator = torch.Generator().manual_seed(2)
    ids = torch.randint(WORDS.text.start, WORDS.text.stop, (len(lengths), max(lengths)), generator=generator)
    words = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
    return ids.masked_fill(~words, WORDS.pad), words


def decode_states(
    model: UnifiedModel, seen_from: Tensor, which: list[int], lengths: list[int], target: Tensor
) -> Tensor:
    ids, words = texts(*lengths)
    _, memory = model.encode_text(model.encode_image(seen_from), torch.tensor(which), ids, words)
    everything = torch.ones_like(target, dtype=torch.bool)
    features, _ = model.decode(memory, target, everything)
    return SequencePacking(everything).pad(model.logits(features))


@torch.inference_mode()
def test_a_picture_is_encoded_equally_alone_and_in_a_batch(model: UnifiedModel) -> None:
    together = model.encode_image(pictures(3)).hidden_states
    for row in range(3):
        torch.testing.assert_close(model.encode_image(pictures(3)[row : row + 1]).hidden_states[0], together[row])


@torch.inference_mode()
def test_padding_changes_nothing(model: UnifiedModel) -> None:
    target = texts(5, 5)[0]
    both = decode_states(model, pictures(2), [0, 1], [4, 9], target)
    ids, words = texts(4, 9)
    _, memory = model.encode_text(model.encode_image(pictures(2)), torch.tensor([0]), ids[:1, :4], words[:1, :4])
    features, _ = model.decode(memory, target[:1], torch.ones(1, 5, dtype=torch.bool))
    torch.testing.assert_close(model.logits(features), both[0])


@torch.inference_mode()
def test_decoding_with_a_cache_equals_decoding_at_once(model: UnifiedModel) -> None:
    ids, words = texts(6, 3)
    target = texts(7, 7)[0]
    _, memory = model.encode_text(model.encode_image(pictures(2)), torch.tensor([1, 0]), ids, words)
    everything = torch.ones_like(target, dtype=torch.bool)
    whole = SequencePacking(everything).pad(model.logits(model.decode(memory, target, everything)[0]))
    cache = model.new_kv_cache(2, 7)
    for place in range(7):
        logits = model.decode_step(memory, cache, None if place == 0 else target[:, place - 1])
        torch.testing.assert_close(logits, whole[:, place])


@torch.inference_mode()
def test_decoding_is_causal(model: UnifiedModel) -> None:
    target = texts(6)[0]
    other = target.clone()
    other[0, 4:] = WORDS.end
    one, two = (decode_states(model, pictures(1), [0], [5], each) for each in (target, other))
    torch.testing.assert_close(one[0, :5], two[0, :5])
    assert not torch.allclose(one[0, 5], two[0, 5])


@torch.inference_mode()
def test_a_text_without_a_picture_attends_to_none(model: UnifiedModel) -> None:
    target = texts(4)[0]
    one, two = (decode_states(model, pictures(2)[row : row + 1], [-1], [5], target) for row in range(2))
    torch.testing.assert_close(one, two)
    assert not torch.allclose(decode_states(model, pictures(1), [0], [5], target), one)


@torch.inference_mode()
def test_an_instruction_attends_to_its_own_picture(model: UnifiedModel) -> None:
    target = texts(4)[0]
    alone = decode_states(model, pictures(2)[1:], [0], [5], target)
    torch.testing.assert_close(decode_states(model, pictures(2), [1], [5], target), alone)


@torch.inference_mode()
def test_without_an_image_index_pictures_are_used_in_order(model: UnifiedModel) -> None:
    ids, words = texts(6, 3)
    seen = model.encode_image(pictures(2))
    _, chosen = model.encode_text(seen, torch.tensor([0, 1]), ids, words)
    _, as_they_are = model.encode_text(seen, None, ids, words)
    assert torch.equal(chosen.mask, as_they_are.mask)
    for one, other in zip(chosen.layers, as_they_are.layers, strict=True):
        assert all(torch.equal(*each) for each in zip(one, other, strict=True))


@torch.inference_mode()
def test_a_painting_is_equal_alone_and_in_a_batch(model: UnifiedModel) -> None:
    ids, words = texts(6, 3)
    codes = torch.full((2, TINY.code_grid**2), -1)
    codes[1, ::3] = 7
    _, memory = model.encode_text(model.encode_image(pictures(2)), None, ids, words)
    together, _ = model.decode_masked(memory, codes)
    alone, _ = model.decode_masked(memory.select_rows(torch.tensor([1])), codes[1:])
    torch.testing.assert_close(alone[0], together[1])


def test_image_codes_and_words_have_separate_logits(model: UnifiedModel) -> None:
    assert model.logits(torch.zeros(1, TINY.width)).shape[-1] == WORDS.codes.start


def test_neighbouring_location_embeddings_start_similar_and_far_ones_different() -> None:
    torch.manual_seed(0)
    rows = UnifiedModel(TINY, WORDS).table.weight[WORDS.bins.start : WORDS.bins.stop].detach()
    rows = torch.nn.functional.normalize(rows, dim=-1)
    alike = [float((rows[:-far] * rows[far:]).sum(-1).mean()) for far in (1, 8, 64, 256)]
    assert alike[0] > 0.9 and alike == sorted(alike, reverse=True)


@pytest.mark.parametrize(("name", "millions"), [("nano", 5.1), ("base", 30.1), ("large", 171.6)])
def test_the_named_sizes_have_their_stated_parameter_counts(name: str, millions: float) -> None:
    parameters = UnifiedModel(SIZES[name], WORDS).parameters()
    assert sum(each.numel() for each in parameters) / 1e6 == pytest.approx(millions, abs=0.1)
