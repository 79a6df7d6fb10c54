"""What the registry knows of a version, as text: its lineage, and the card that goes into an exported file."""

from collections.abc import Iterator, Sequence

from plait.core.values.json_text import dumps, loads
from plait.foundation.cards.adapter import ANY_TASK
from plait.service.models.model_version import BASE_WORD, AliasChange, AliasState, ModelVersion, day

SHOWN_DIGITS = 12
ANY_TASK_TEXT = "any typed task"


def lineage(version: ModelVersion) -> Iterator[tuple[str, str]]:
    """The facts of a version, each with its name: base, task, file, how it was made, verdict."""
    manifest = version.made_by
    if version.obstacle:
        yield "state", version.obstacle
    yield "base", f"{version.base}, sha256 {version.base_sha256}"
    yield "task", task_text(version)
    yield "file", f"{version.size / 1e6:,.1f} MB, sha256 {version.sha256}"
    yield "made", day(version.created_at) + (f" by the run {version.run}" if version.run else "")
    if manifest.examples or manifest.rows_sha256:
        yield "taught by", f"{len(manifest.examples):,} examples, rows with the sha256 {manifest.rows_sha256}"
    if manifest.packages:
        packages = ", ".join(f"{name} {number}" for name, number in manifest.packages.items())
        yield "with", f"{packages}, seed {manifest.seed}"
    if manifest.config:
        yield "config", dumps(dict(manifest.config))
    yield "verdict", verdict_summary(version.verdict)


def task_text(version: ModelVersion) -> str:
    return ANY_TASK_TEXT if version.fingerprint == ANY_TASK else f"{version.task}, form {version.fingerprint}"


def verdict_summary(verdict: str | None) -> str:
    """The result of the gate that stored this JSON (plait.learning.verdict, which stands above this package)."""
    if verdict is None:
        return "none: it was not compared with the version before"
    content = loads(verdict.encode(), "the verdict")
    reasons = content.get("reasons") if isinstance(content, dict) else None
    if not isinstance(reasons, list):
        return "of another version of Plait"
    if not reasons:
        return "better than the version before by the rule of the gate"
    return f"not shown to be better: {'; '.join(map(str, reasons))}"


def lineage_lines(version: ModelVersion) -> Iterator[str]:
    facts = list(lineage(version))
    width = max(len(name) for name, _ in facts)
    yield version.label
    yield from (f"  {name:<{width}}  {text}" for name, text in facts)


def alias_lines(state: AliasState, history: Sequence[AliasChange]) -> Iterator[str]:
    """An alias, and its history with the newest change first."""
    yield f"{state.name} → {shares_text(state)}"
    for each in history:
        said = " · ".join(filter(None, (each.person, each.reason)))
        yield f"  {day(each.created_at)}  {each.state}{f'  {said}' if said else ''}"


def shares_text(state: AliasState) -> str:
    """`90 % NAME@3, 10 % NAME@4`; a version alone without its percent."""
    names = {number: f"{state.name}@{number}" if number else BASE_WORD for number, _ in state.weights}
    if len(names) == 1:
        return next(iter(names.values()))
    return ", ".join(f"{weight} % {names[number]}" for number, weight in state.weights)


def version_card(version: ModelVersion) -> str:
    """The card of an exported version, in Markdown."""
    facts = "\n".join(f"- **{name}**: {text}" for name, text in lineage(version))
    purpose = ANY_TASK_TEXT if version.fingerprint == ANY_TASK else f"the task {version.task}"
    return (
        f"# {version.label}\n\nA LoRA adapter of {version.base} for {purpose}, trained with Plait.\n\n"
        f"{facts}\n\nAdd it under another data folder: `plait models add FILE.tar`.\n"
    )
