"""A picture as one number for each name: the logarithm of how likely it is in the picture.

In training each of the encoder's cells foretells the words for what is in it through the model's own table
(`tags` in training/losses.py). So the features need no head of their own to become words, and a thing is found again
whatever hand has drawn it, which is not so of the features themselves (benchmarks/image_search.json, `mean of cells`).
A noun is where one cell says it most, a colour is the ground's, spread over all cells.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.training.linear import product
from plait.foundation.unified.generation.answering import Pixels
from plait.foundation.unified.model.layers import norm
from plait.foundation.unified.model.unified_model import Unified
from plait.foundation.unified.objectives.losses import Tags
from plait.foundation.unified.search.query import names

FORM = 1  # of what is kept: raised whenever the numbers come to mean something else
# What a cell gives to a name that it does not mean differs by chance alone; so a list of three names does not turn on
# how absent the third is. Measured at -3, -5, -6, -8, -12, -20: captions of an unseen style need -8, none needs more.
FLOOR = -8.0

Embeddings = NDArray[np.float16]  # (pictures, names), FLOOR to 0: 340 bytes a picture


class Embedder:
    def __init__(self, model: Unified, vocabulary: Vocabulary) -> None:
        self.model, tags = model.eval(), Tags(vocabulary)
        self.rows = model.table.weight[tags.ids]
        self.shares = torch.cat((tags.of_noun, tags.of_ground))  # (names, ids)
        # A noun of three pieces gets a third of a cell at most for each: then it is as sure as one of a single piece.
        self.surest = (self.shares > 0).sum(1).log()
        self.nouns = len(tags.of_noun)

    @property
    def version(self) -> str:
        """Two of the same give the same numbers for a picture: weights, names and form."""
        told = hashlib.sha256(f"{FORM} {sorted(names().of.items())}".encode())
        for name, each in self.model.state_dict().items():
            told.update(name.encode() + each.cpu().contiguous().numpy().tobytes())
        return told.hexdigest()[:16]

    @torch.inference_mode()
    def embeddings(self, squares: Sequence[Pixels]) -> Embeddings:
        """Of pictures as the model's squares, at least one."""
        pixels = torch.from_numpy(np.stack(squares)).to(self.model.start.device)
        return self.named(self.model.see(pixels).tokens).half().cpu().numpy()

    def named(self, tokens: Float[Tensor, "p cells d"]) -> Float[Tensor, "p names"]:
        foretold = product(norm(tokens), self.rows).log_softmax(-1)
        cells = (product(foretold, self.shares) + self.surest).clamp(max=0.0)
        things = cells[..., : self.nouns].amax(1)
        grounds = cells[..., self.nouns :].exp().mean(1).log()
        return torch.cat((things, grounds), -1).clamp(min=FLOOR)
