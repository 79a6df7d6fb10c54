"""Verdicts that are stored with versions in the registry."""

from plait.core.errors import InputError
from plait.learning.gate import GateRule
from plait.learning.verdict import GateVerdict
from plait.service.models.model_version import ModelVersion
from plait.service.models.registry import ModelRegistry


def stored_verdict(version: ModelVersion) -> GateVerdict | None:
    """The verdict of a version; None if there is none, or one of another version of Plait."""
    try:
        return GateVerdict.from_json(version.verdict or "")
    except InputError:
        return None


def has_good_verdict(version: ModelVersion) -> bool:
    """Whether the gate has found that this version may replace the one before."""
    verdict = stored_verdict(version)
    return verdict is not None and verdict.holds


def known_verdict(version: ModelVersion, rule: GateRule, sample_sha256: str) -> GateVerdict | None:
    """The verdict of an earlier run by the same rule, on the same rows."""
    verdict = stored_verdict(version)
    if verdict is None:
        return None
    return verdict if (verdict.rule, verdict.held_out.sha256) == (rule, sample_sha256) else None


def judged_before(registry: ModelRegistry, version: ModelVersion, sample_sha256: str) -> int:
    """The number of other versions of the task that were judged on the same rows."""
    others = (each for each in registry.versions(version.project, version.name) if each.id != version.id)
    verdicts = filter(None, map(stored_verdict, others))
    return sum(each.held_out.sha256 == sample_sha256 for each in verdicts)


def verdict_of_version(registry: ModelRegistry, project: str, label: str) -> GateVerdict | None:
    """The verdict of the version that is called so in a project; None without one."""
    name = label.partition("@")[0]
    version = next((each for each in registry.versions(project, name) if each.label == label), None)
    return stored_verdict(version) if version else None
