"""Losses of the unified model: cross-entropy of the target ids, and auxiliary losses that cost nothing at inference.

The target ids alone do not bind words to images (measured with the prototype): boxes appear, but "a fire on a blue
ground" is written about every image, and phrases are not located. The auxiliary losses supervise binding directly:

    tags      each cell predicts the words for its content, through the model's own embedding table
    cells     each cell predicts the box of its content
    pointer   an input word that names things attends to their cells, in the encoder's first heads
    about     an output id attends to the cells it is about, or to the input words that name the same, in the decoder's
              first heads
    presence  a word that names a thing predicts whether the image has it
    places    such a word predicts the thing's box, as cells do

Image generation is learned by codes:

    codes     are predicted in parallel, from the known codes and the instruction (MaskGIT, arXiv 2202.04200)
    raster    the same codes one after another, for comparison
    subjects  an unknown code predicts the words for its content, like `tags`: with codes alone the ground of a drawing
    was right after 400 steps, and its things never were
"""

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.training.linear import Linear, linear
from plait.foundation.unified.model.decoder import DecoderMemory
from plait.foundation.unified.model.layers import norm
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.objectives.batches import ABSENT, GROUND, PRESENT, UNKNOWN, Batch
from plait.foundation.unified.objectives.painting_batches import PaintingBatch
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.palette import COLOURS
from plait.types.box.box_formats import BINS

BIN_SIGMA = 4.0  # bins of 1/512 of a side: three quarters of a pixel for a side of 96
GROUND_SHARE = 0.3  # of the loss of tags: cells of the ground are four times as many as those of things

LOSSES = (
    "text",
    "boxes",
    "truth",
    "tags",
    "cells",
    "pointer",
    "about",
    "presence",
    "places",
    "codes",
    "raster",
    "subjects",
)
Losses = dict[str, Float[Tensor, ""]]
AttentionMaps = tuple[Float[Tensor, "m k"], ...]


class AuxiliaryHeads(nn.Module):
    """Heads that only training uses."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.corners = nn.ModuleList(Linear(width, width) for _ in range(4))
        self.presence = nn.Linear(width, 1)


class LocationLoss(nn.Module):
    """Cross-entropy of box locations against a bell around the right bin, so that a neighbouring bin is nearly right.

    Boxes are predicted with the rows of the embedding table, as in the output text, so that the decoder only has to
    copy. With four plain numbers instead, the cells learned their boxes and the decoder took four times as long.
    """

    bells: Tensor

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.bins = slice(vocabulary.bins.start, vocabulary.bins.stop)
        steps = torch.arange(BINS, dtype=torch.float32)
        bells = torch.exp(-((steps[:, None] - steps) ** 2) / (2 * BIN_SIGMA**2))
        self.register_buffer("bells", bells / bells.sum(1, keepdim=True), persistent=False)

    def loss(self, log_probs: Float[Tensor, "... bins"], targets: Int[Tensor, "..."]) -> Float[Tensor, "..."]:
        """Cross-entropy against a bell around each target bin; `targets` count from 0."""
        return -(log_probs * self.bells[targets]).sum(-1)

    def forward(
        self,
        heads: AuxiliaryHeads,
        table: Float[Tensor, "v d"],
        hidden_states: Float[Tensor, "m d"],
        boxes: Float[Tensor, "m 4"],
    ) -> Float[Tensor, " m"]:
        """Loss of hidden states that each predict a box, in fractions of the side."""
        corners = torch.stack([norm(head(hidden_states)) for head in heads.corners], 1)
        log_probs = linear(corners, table[self.bins]).log_softmax(-1)
        return self.loss(log_probs, (boxes * (BINS - 1)).round().long()).mean(-1)


class TagLoss(nn.Module):
    """Loss of the words for a cell's content: nouns, and colours of the ground, in both languages with equal shares."""

    ids: Tensor
    of_noun: Tensor
    of_ground: Tensor

    def __init__(self, vocabulary: Vocabulary, wide: bool = False) -> None:
        super().__init__()
        nouns = [vocabulary.encode(noun.en) + vocabulary.encode(noun.zh) for noun in atlas(wide).nouns]
        colours = [vocabulary.encode(colour.en) + vocabulary.encode(colour.zh) for colour in COLOURS]
        ids = sorted({id for word_ids in (*nouns, *colours) for id in word_ids})
        self.register_buffer("ids", torch.tensor(ids), persistent=False)
        self.register_buffer("of_noun", tag_distribution(nouns, ids), persistent=False)
        self.register_buffer("of_ground", tag_distribution(colours, ids), persistent=False)

    def forward(
        self,
        tokens: Float[Tensor, "p c d"],
        table: Float[Tensor, "v d"],
        nouns: Int[Tensor, "p c"],
        ground: Int[Tensor, " p"],
    ) -> Float[Tensor, ""]:
        """Loss of tokens. `nouns` are as in a batch: a noun, GROUND, or UNKNOWN to ignore the token."""
        is_thing, is_ground = nouns >= 0, nouns == GROUND
        thing_losses = -(self.log_probs(tokens[is_thing], table) * self.of_noun[nouns[is_thing]]).sum(-1)
        grounds = ground[:, None].expand_as(is_ground)[is_ground]
        ground_losses = -(self.log_probs(tokens[is_ground], table) * self.of_ground[grounds]).sum(-1)
        return mean(thing_losses) + GROUND_SHARE * mean(ground_losses)

    def log_probs(self, tokens: Float[Tensor, "m d"], table: Float[Tensor, "v d"]) -> Float[Tensor, "m ids"]:
        return linear(norm(tokens), table[self.ids]).log_softmax(-1)


def tag_distribution(id_lists: list[list[int]], ids: list[int]) -> Float[Tensor, "s ids"]:
    rows = torch.zeros(len(id_lists), len(ids))
    for row, word_ids in enumerate(id_lists):
        for id in set(word_ids):
            rows[row, ids.index(id)] = 1 / len(set(word_ids))
    return rows


def picture_losses(
    table: Tensor,
    heads: AuxiliaryHeads,
    tag_loss: TagLoss,
    location_loss: LocationLoss,
    stem: Tensor,
    cells: Tensor,
    batch: Batch,
) -> Losses:
    """Losses from images alone; tokens of the stem and of the encoder predict the same words."""
    has_thing = batch.cell_box[..., 2:].sum(-1) > 0  # the right and lower edges are beyond 0
    box_losses = location_loss(heads, table, norm(cells[has_thing]), batch.cell_box[has_thing])
    tag_losses = (tag_loss(each, table, batch.cell_noun, batch.ground) for each in (stem, cells))
    return {"tags": sum(tag_losses, torch.zeros((), device=cells.device)) / 2, "cells": mean(box_losses)}


def instruction_losses(
    table: Tensor,
    heads: AuxiliaryHeads,
    location_loss: LocationLoss,
    hidden_states: Float[Tensor, "m d"],
    attention_maps: AttentionMaps,
    batch: Batch,
) -> Losses:
    """Losses that bind the words of an instruction to the image."""
    presence, box, cells = (
        each[batch.attention_mask] for each in (batch.presence, batch.pointer_box, batch.pointer_cells)
    )
    is_present, is_named = presence == PRESENT, presence >= ABSENT
    has_box = is_present & (box.sum(-1) > 0)
    x = norm(hidden_states)
    presence_losses = F.binary_cross_entropy_with_logits(
        heads.presence(x[is_named])[:, 0], is_present[is_named].float(), reduction="none"
    )
    box_losses = location_loss(heads, table, x[has_box], box[has_box])
    pointer_loss = attention_loss(attention_maps, cells, row_index(batch.attention_mask))
    return {"pointer": pointer_loss, "presence": mean(presence_losses), "places": mean(box_losses)}


def attention_loss(
    attention_maps: AttentionMaps, targets: Bool[Tensor, "m k"], row: Int[Tensor, " m"]
) -> Float[Tensor, ""]:
    """-log of the share of attention on the target positions, a mean over layers and the ids with a target.

    Each example (`row`) has the same weight: the ids of a detection would outweigh the four of a location.
    """
    has_target = targets.any(-1)
    targets, row = targets[has_target], row[has_target]
    log_shares = [
        attention[has_target, : targets.shape[1]].masked_fill(~targets, -torch.inf).logsumexp(-1)
        for attention in attention_maps
    ]
    id_losses = -torch.stack(log_shares).mean(0)
    weights = 1 / row.bincount()[row] if len(row) else id_losses
    return (id_losses * weights).sum() / weights.sum().clamp(min=1)


def row_index(mask: Bool[Tensor, "n t"]) -> Int[Tensor, " m"]:
    """Row index, of n rows, of each of the m ids."""
    return mask.nonzero()[:, 0]


class TokenLoss(nn.Module):
    """Cross-entropy of the target ids: a mean for each kind of id, so that long answers do not outweigh short ones."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        super().__init__()
        self.bins, self.truths = vocabulary.bins, (vocabulary.true, vocabulary.false)
        self.location_loss = LocationLoss(vocabulary)

    def forward(
        self, model: UnifiedModel, features: Float[Tensor, "m d"], batch: Batch
    ) -> tuple[Losses, Float[Tensor, " m"]]:
        """Loss by kind of id, and for each id by itself, without a gradient."""
        target_ids = batch.target_ids[batch.target_mask]
        log_probs = model.logits(features).float().log_softmax(-1)
        is_box = (target_ids >= self.bins.start) & (target_ids < self.bins.stop)
        is_truth = (target_ids == self.truths[0]) | (target_ids == self.truths[1])
        is_text = ~is_box & ~is_truth
        bin_log_probs = log_probs[is_box, self.bins.start : self.bins.stop]
        id_losses = -log_probs.gather(1, target_ids[:, None])[:, 0]
        id_losses = id_losses.masked_scatter(
            is_box, self.location_loss.loss(bin_log_probs, target_ids[is_box] - self.bins.start)
        )
        return {
            "text": mean(id_losses[is_text]),
            "boxes": mean(id_losses[is_box]),
            "truth": mean(id_losses[is_truth]),
        }, id_losses.detach()


LABEL_SMOOTHING = 0.05  # of the probability, spread over all codes


def painting_losses(model: UnifiedModel, tag_loss: TagLoss, memory: DecoderMemory, paintings: PaintingBatch) -> Losses:
    """Losses of image generation: unknown codes in parallel, and all codes of the images in raster order."""
    rows, side_by_side = paintings.raster.nonzero()[:, 0], (~paintings.raster).nonzero()[:, 0]
    known_codes, codes = paintings.known_codes[side_by_side], paintings.codes[side_by_side]
    features, before = model.decode_masked(memory.select_rows(side_by_side), known_codes)
    is_hidden = known_codes < 0
    nouns = paintings.code_nouns[side_by_side].masked_fill(~is_hidden, UNKNOWN)
    subjects = tag_loss(before, model.table.weight, nouns, paintings.ground[side_by_side])
    losses = {"codes": code_loss(model, features[is_hidden], codes[is_hidden]), "subjects": subjects}
    ids = paintings.codes[rows] + model.codes.start
    raster_features, _ = model.decode(memory.select_rows(rows), ids, torch.ones_like(ids, dtype=torch.bool))
    return {**losses, "raster": code_loss(model, raster_features, paintings.codes[rows].flatten())}


def code_loss(model: UnifiedModel, features: Float[Tensor, "m d"], codes: Int[Tensor, " m"]) -> Float[Tensor, ""]:
    if not len(codes):
        return features.sum()
    return F.cross_entropy(model.code_logits(features).float(), codes, label_smoothing=LABEL_SMOOTHING)


def mean(losses: Float[Tensor, " m"]) -> Float[Tensor, ""]:
    """Mean; zero, with a gradient, for an empty tensor."""
    return losses.sum() / max(1, len(losses))
