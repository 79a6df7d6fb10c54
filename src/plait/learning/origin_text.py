"""The origin of an answer in words: labelled facts for the shell and the page."""

import time
from collections.abc import Iterator

from plait.core.errors import InputError
from plait.core.values.json_text import dumps
from plait.learning.answer_origin import AnswerOrigin, PersonalFeedback, VersionOrigin
from plait.learning.verdict import GateVerdict
from plait.web.origin_texts import OriginStrings

DIGITS = 12  # of a digest


def origin_facts(origin: AnswerOrigin, strings: OriginStrings) -> list[tuple[str, str]]:
    """Label and text of each fact."""
    facts = [
        (strings.task, f"{origin.task} {origin.fingerprint}"),
        *asked_facts(origin, strings),
        (strings.inputs, inputs_text(origin, strings)),
        (strings.model, origin.model),
        *([(strings.route, origin.route)] if origin.route else []),
    ]
    prompt = ", ".join(origin.corrections) or strings.prompt_plain
    if origin.version is None:
        return [*facts, (strings.version, strings.no_version), (strings.prompt, prompt)]
    return [*facts, *version_facts(origin.version, strings), (strings.prompt, prompt)]


def asked_facts(origin: AnswerOrigin, strings: OriginStrings) -> Iterator[tuple[str, str]]:
    if origin.created_at is not None:
        person = origin.person or strings.nobody
        yield strings.asked, strings.asked_at.format(time=moment(origin.created_at), person=person)


def inputs_text(origin: AnswerOrigin, strings: OriginStrings) -> str:
    if origin.source != "database":
        return strings.inputs_not_kept
    names = ", ".join(origin.redacted)
    return strings.inputs_redacted.format(names=names) if names else strings.inputs_kept


def version_facts(version: VersionOrigin, strings: OriginStrings) -> Iterator[tuple[str, str]]:
    made = strings.version_made.format(name=version.name, base=version.base, day=moment(version.created_at)[:10])
    yield strings.version, f"{made} ({version.obstacle})" if version.obstacle else made
    files = version.sha256[:DIGITS], version.base_sha256[:DIGITS]
    yield strings.files, strings.files_of.format(sha256=files[0], base_sha256=files[1])
    if start := version.config.get("start"):
        yield strings.start, str(start)
    count = len(version.examples)
    other = count - version.kept - version.removed
    yield strings.taught, strings.taught_by.format(count=count, kept=version.kept, removed=version.removed, other=other)
    packages = " ".join(f"{name} {number}" for name, number in version.packages.items())
    yield strings.run, strings.run_of.format(run=version.run or strings.none, seed=version.seed, packages=packages)
    yield strings.gate, gate_text(version, strings)
    yield strings.alias, version.alias


def gate_text(version: VersionOrigin, strings: OriginStrings) -> str:
    """The outcome of the gate in a sentence."""
    if version.verdict is None:
        return strings.gate_none
    try:
        verdict = GateVerdict.from_json(dumps(version.verdict))
    except InputError as error:  # of another program
        return error.message
    if not verdict.holds:
        return strings.gate_failed.format(reasons="; ".join(verdict.reasons))
    champion = verdict.champion
    return strings.gate_held.format(
        score=verdict.score, champion_score=champion.score, champion=champion.name, rows=verdict.held_out.scored
    )


def feedback_facts(origin: AnswerOrigin, strings: OriginStrings) -> list[tuple[str, str]]:
    """Person and words of everything that was said about the answer, the oldest first."""
    return [(each.person or strings.nobody, "; ".join(words(each, strings))) for each in origin.feedback]


def words(said: PersonalFeedback, strings: OriginStrings) -> Iterator[str]:
    if said.right is not None:
        yield strings.right if said.right else strings.wrong
    if said.score is not None:
        yield strings.score.format(score=said.score)
    if said.better_than:
        yield strings.better_than.format(id=said.better_than)
    if said.comment:
        yield said.comment


def moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))
