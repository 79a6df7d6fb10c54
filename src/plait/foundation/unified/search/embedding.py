"""Embedding of a picture: one log-probability per name (noun or background colour).

In training each encoder cell predicts the words for its content through the model's own token table (`TagLoss` in
objectives/losses.py). So features become words without a separate head, and a thing is found in any style, which does
not hold for the features themselves (benchmarks/image_search.json, `mean of cells`). A noun scores its maximum over
cells, a background colour its mean over cells.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.training.linear import linear
from plait.foundation.unified.generation.answering import Pixels
from plait.foundation.unified.model.layers import norm
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.losses import TagLoss
from plait.foundation.unified.search.query import name_columns

FORMAT_VERSION = 1  # of the stored embeddings; increased when the meaning of the numbers changes
# Lower bound: log-probabilities of absent names differ only by noise, and without it one absent name would decide a
# query of three. Measured at -3, -5, -6, -8, -12, -20: captions of an unseen style need -8, no query needs less.
MIN_LOG_PROB = -8.0

Embeddings = NDArray[np.float16]  # (pictures, names), MIN_LOG_PROB to 0: 340 bytes per picture


class Embedder:
    def __init__(self, model: UnifiedModel, vocabulary: Vocabulary) -> None:
        self.model, tags = model.eval(), TagLoss(vocabulary)
        self.tag_embeddings = model.table.weight[tags.ids]
        self.tag_shares = torch.cat((tags.of_noun, tags.of_ground))  # (names, ids)
        # A noun of three pieces gets at most a third of a cell for each; the offset makes it comparable to one piece.
        self.log_piece_counts = (self.tag_shares > 0).sum(1).log()
        self.num_nouns = len(tags.of_noun)

    @property
    def version(self) -> str:
        """Hash of everything that determines the embeddings: weights, names and format."""
        hasher = hashlib.sha256(f"{FORMAT_VERSION} {sorted(name_columns().columns.items())}".encode())
        for name, each in self.model.state_dict().items():
            hasher.update(name.encode() + each.cpu().contiguous().numpy().tobytes())
        return hasher.hexdigest()[:16]

    @torch.inference_mode()
    def embeddings(self, images: Sequence[Pixels]) -> Embeddings:
        """Embeddings of at least one picture; pictures are squares of the model's side."""
        pixels = torch.from_numpy(np.stack(images)).to(self.model.start.device)
        return self.name_log_probs(self.model.encode_image(pixels).hidden_states).half().cpu().numpy()

    def name_log_probs(self, hidden_states: Float[Tensor, "p cells d"]) -> Float[Tensor, "p names"]:
        log_probs = linear(norm(hidden_states), self.tag_embeddings).log_softmax(-1)
        cells = (linear(log_probs, self.tag_shares) + self.log_piece_counts).clamp(max=0.0)
        things = cells[..., : self.num_nouns].amax(1)
        grounds = cells[..., self.num_nouns :].exp().mean(1).log()
        return torch.cat((things, grounds), -1).clamp(min=MIN_LOG_PROB)
