"""A picture as one number for each name: the logarithm of how likely it is in the picture.

In training each of the encoder's cells predicts the words for what is in it through the model's own table (`TagLoss`
in objectives/losses.py). So the features need no head of their own to become words, and a thing is found again whatever
hand has drawn it, which is not so of the features themselves (benchmarks/image_search.json, `mean of cells`). A noun is
where one cell says it most, a colour is the ground's, spread over all cells.
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

FORMAT_VERSION = 1  # of what is kept: raised whenever the numbers come to mean something else
# What a cell gives to a name that it does not mean differs by chance alone; so a list of three names does not turn on
# how absent the third is. Measured at -3, -5, -6, -8, -12, -20: captions of an unseen style need -8, none needs more.
MIN_LOG_PROB = -8.0

Embeddings = NDArray[np.float16]  # (pictures, names), FLOOR to 0: 340 bytes a picture


class Embedder:
    def __init__(self, model: UnifiedModel, vocabulary: Vocabulary) -> None:
        self.model, tags = model.eval(), TagLoss(vocabulary)
        self.tag_embeddings = model.table.weight[tags.ids]
        self.tag_shares = torch.cat((tags.of_noun, tags.of_ground))  # (names, ids)
        # A noun of three pieces gets a third of a cell at most for each: then it is as sure as one of a single piece.
        self.log_piece_counts = (self.tag_shares > 0).sum(1).log()
        self.num_nouns = len(tags.of_noun)

    @property
    def version(self) -> str:
        """Two of the same give the same numbers for a picture: weights, names and form."""
        hasher = hashlib.sha256(f"{FORMAT_VERSION} {sorted(name_columns().columns.items())}".encode())
        for name, each in self.model.state_dict().items():
            hasher.update(name.encode() + each.cpu().contiguous().numpy().tobytes())
        return hasher.hexdigest()[:16]

    @torch.inference_mode()
    def embeddings(self, images: Sequence[Pixels]) -> Embeddings:
        """Of pictures as the model's squares, at least one."""
        pixels = torch.from_numpy(np.stack(images)).to(self.model.start.device)
        return self.name_log_probs(self.model.encode_image(pixels).hidden_states).half().cpu().numpy()

    def name_log_probs(self, hidden_states: Float[Tensor, "p cells d"]) -> Float[Tensor, "p names"]:
        log_probs = linear(norm(hidden_states), self.tag_embeddings).log_softmax(-1)
        cells = (linear(log_probs, self.tag_shares) + self.log_piece_counts).clamp(max=0.0)
        things = cells[..., : self.num_nouns].amax(1)
        grounds = cells[..., self.num_nouns :].exp().mean(1).log()
        return torch.cat((things, grounds), -1).clamp(min=MIN_LOG_PROB)
