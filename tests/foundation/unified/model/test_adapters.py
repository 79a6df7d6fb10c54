"""Adapters: one for each modality, which at first changes nothing."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor

from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.model.adapters import Adapters, is_adapter_weight
from plait.foundation.unified.model.unified_model import UnifiedModel
from tests.foundation.unified.model.test_unified_model import TINY, pictures, texts

WORDS = vocabulary()
MODALITIES = ("cells", "words", "written", "painted")


def outputs(model: UnifiedModel) -> dict[str, Tensor]:
    """The final output for each modality."""
    ids, words = texts(5, 3)
    target = texts(4, 4)[0]
    seen = model.encode_image(pictures(2))
    read, memory = model.encode_text(seen, None, ids, words)
    text_logits, _ = model.decode(memory, target, torch.ones_like(target, dtype=torch.bool))
    code_logits, _ = model.decode_masked(memory, torch.full((2, TINY.code_grid**2), -1))
    return dict(zip(MODALITIES, (seen.hidden_states, read.hidden_states, text_logits, code_logits), strict=True))


def adapted_model() -> UnifiedModel:
    torch.manual_seed(0)
    return UnifiedModel(replace(TINY, adapters=8), WORDS).eval()


@torch.inference_mode()
def test_untrained_adapters_do_not_change_the_model() -> None:
    model, plain = adapted_model(), UnifiedModel(TINY, WORDS).eval()
    plain.load_state_dict({name: each for name, each in model.state_dict().items() if not is_adapter_weight(name)})
    with_them, without = outputs(model), outputs(plain)
    assert all(torch.equal(with_them[name], without[name]) for name in MODALITIES)


@pytest.mark.parametrize(("modality", "changes"), [(name, MODALITIES[at:]) for at, name in enumerate(MODALITIES[:2])])
@torch.inference_mode()
def test_encoder_adapters_affect_everything_after_them(modality: str, changes: tuple[str, ...]) -> None:
    assert changed_outputs(modality) == set(changes)


@pytest.mark.parametrize("modality", ["written", "painted"])
@torch.inference_mode()
def test_text_adapters_do_not_affect_painting_and_vice_versa(modality: str) -> None:
    assert changed_outputs(modality) == {modality}


def changed_outputs(modality: str) -> set[str]:
    """The outputs that change if the adapters of one modality are not zero."""
    model = adapted_model()
    for layer in (
        *model.encoder.typed_layers,
        *model.decoder.typed_layers,
    ):  # feed-forwards and attention begin at zero, too
        for name, each in layer.named_parameters():
            if not each.any() and not is_adapter_weight(f"layer.{name}"):
                each.normal_(std=0.05)
    before = outputs(model)
    for layer in (*model.encoder.typed_layers, *model.decoder.typed_layers):
        if modality in layer.adapters:
            layer.adapters[modality].up.weight.normal_(std=0.1)
    after = outputs(model)
    return {name for name in MODALITIES if not torch.equal(before[name], after[name])}


def test_without_a_rank_there_are_no_adapters_and_no_weights() -> None:
    assert not list(Adapters(8, 0, "cells").parameters())
    assert not any(map(is_adapter_weight, UnifiedModel(TINY, WORDS).state_dict()))
    names = [name for name in adapted_model().state_dict() if is_adapter_weight(name)]
    assert len(names) == 2 * 2 * (SIZES["tiny"].encoder_layers + SIZES["tiny"].decoder_layers)
