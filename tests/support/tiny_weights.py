"""A model of the smallest size with random weights, and its card: real files in a second."""

from collections.abc import Mapping
from pathlib import Path

import torch

from plait.foundation.cards.card import ModelCard, TrainingDataCard, TrainingRunCard
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.weights.weight_files import save

RUN = TrainingRunCard("tiny", "0" * 64, "abc", 7, 3, 0.5, 1.25, "estimated")
DATA = TrainingDataCard("4 nouns", {"noto": "Apache-2.0"}, ("the style twemoji",))


def tiny_model(seed: int = 7) -> UnifiedModel:
    """Each seed its own weights. All are moved a little: those that begin as zero would hide what they do."""
    torch.manual_seed(seed)
    model = UnifiedModel(SIZES["tiny"], vocabulary())
    with torch.no_grad():
        for each in model.parameters():
            each.add_(torch.randn_like(each) * 0.05)
    return model.eval()


def tiny_card(tasks: Mapping[str, str], name: str = "tiny") -> ModelCard:
    return ModelCard(name, "Apache-2.0", "tiny", 512_345, ("en", "zh"), tasks, DATA, RUN, ("It knows nothing.",))


def save_tiny_weights(file: Path, tasks: Mapping[str, str], model: UnifiedModel | None = None) -> ModelCard:
    model = model or tiny_model()
    return save(file, model.state_dict(), model.size, vocabulary(), tiny_card(tasks, file.stem))
