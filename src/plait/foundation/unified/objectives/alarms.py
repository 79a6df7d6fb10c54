"""Warnings of the unified model's training.

The thresholds come from failures of the prototype: noun logits with a spread of 0.03 over the images while every
caption named the same thing, and boxes on any thing, named or not, with a rank and areas under the curve of .46 to .52.
"""

from plait.foundation.training.monitor import ThresholdRule
from plait.foundation.unified.objectives.probes import RANK_CHANCE


def alarm_rules() -> list[ThresholdRule]:
    """New rules for one run; they keep state."""
    tags_hint = (
        "turn on word tags (losses.tags): without them nouns were not learned in 80,000 pairs, with them in 250 steps"
    )
    binding_hint = (
        "let binding come before boxes that are learned without reading the word: a phase of locate with two things or "
        "more, exists and matches, with the losses pointer, about, presence and tags on"
    )
    return [
        ThresholdRule(
            "noun logits do not vary between pictures: their spread is {:.2g}",
            tags_hint,
            lambda metrics: metrics.probes.get("noun_spread"),
            threshold=0.1,
            patience=300,
        ),
        ThresholdRule(
            "the thing that is named is chosen no oftener than by chance: {:+.2f} over it",
            binding_hint,
            lambda metrics: metrics.probes["rank"] - RANK_CHANCE if "rank" in metrics.probes else None,
            threshold=0.05,
            patience=1_000,
        ),
        auc_rule("matches", "matches_auc", binding_hint),
        auc_rule("'is there a ...'", "exists_auc", binding_hint),
        ThresholdRule(
            "an expert has next to nothing to do: {:.2g} of an even share",
            "raise losses.balance, which is 0.1 where a recipe gives none, or take fewer model.experts",
            lambda metrics: metrics.experts.get("idlest"),
            threshold=0.05,
            patience=300,
        ),
    ]


def auc_rule(question: str, probe: str, hint: str) -> ThresholdRule:
    """The rule of a yes-no question: 0.5 is the area of a coin."""
    return ThresholdRule(
        f"{question} cannot tell yes from no: an area under the curve of {{:.2f}}",
        hint,
        lambda metrics: metrics.probes.get(probe),
        threshold=0.55,
        patience=1_000,
    )
