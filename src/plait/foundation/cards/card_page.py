"""A model card as Markdown: the model's page in the documentation."""

from collections.abc import Iterator

from plait.foundation.cards.card import ModelCard, ScoreCard

LANGUAGES = {"en": "English", "zh": "Chinese"}
SPLITS = {
    "seen": "scenes as training draws them",
    "style": "a style never seen",
    "identities": "pictograms never seen",
    "triples": "combinations never seen",
}


def page(card: ModelCard) -> str:
    """Whole page of a card; the same card gives the same text."""
    return "\n".join(lines(card)) + "\n"


def lines(card: ModelCard) -> Iterator[str]:
    run = card.run
    yield from (f"# {card.name}", "")
    yield f"A unified model of the size `{card.size}` with {card.parameters:,} parameters, {card.licence}."
    yield f"It reads and writes {' and '.join(LANGUAGES.get(each, each) for each in card.languages)}."
    yield from ("", "| | |", "| --- | --- |")
    yield row("file", f"int8 safetensors, sha256 `{card.sha256}`" if card.sha256 else "not written yet")
    yield row("tasks", ", ".join(f"`{name}` ({fingerprint})" for name, fingerprint in card.tasks.items()))
    yield row("atlas", card.data.atlas)
    yield row("styles", ", ".join(f"{name} ({licence})" for name, licence in card.data.styles.items()))
    yield row("held out", "; ".join(card.data.held_out))
    if card.data.own:
        yield row("own data", ", ".join(card.data.own))
    if card.data.begun_from:
        yield row("begun from", card.data.begun_from)
    yield row("recipe", f"{run.recipe} (`{run.recipe_digest[:12]}`)")
    yield row("made by", f"commit {run.commit}, seed {run.seed}, {run.steps:,} steps")
    yield row("cost", f"{run.cpu_hours:.2f} CPU-hours, {run.watt_hours:,.1f} Wh ({run.energy})")
    for split in dict.fromkeys(score.split for score in card.scores):
        yield from ("", f"## Scores: {SPLITS.get(split, split)}", "")
        yield from table([score for score in card.scores if score.split == split])
    if card.limits:
        yield from ("", "## Limits", "")
        yield from (f"- {limit}" for limit in card.limits)


def table(scores: list[ScoreCard]) -> Iterator[str]:
    baselines = list(dict.fromkeys(name for score in scores for name in score.baselines))
    yield row("task", "measure", "score, 95 %", "n", *baselines)
    yield row(*["---"] * (4 + len(baselines)))
    for score in scores:
        baseline_means = (f"{score.baselines[name]:.3f}" if name in score.baselines else "" for name in baselines)
        yield row(score.task, score.measure, str(score.interval), f"{score.interval.count:,}", *baseline_means)


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
