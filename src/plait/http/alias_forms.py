"""Which version answers, on pages: cards of aliases with versions and history, and the buttons that change that."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from starlette.requests import Request

from plait.core.errors import InputError
from plait.core.prompting.project import OWNER
from plait.core.values.quoting import quote
from plait.http.persons import request_person
from plait.http.requests import parse_form
from plait.http.security import request_author
from plait.learning.answer_origin import version_origin
from plait.learning.origin_text import moment, version_facts
from plait.learning.stored_verdicts import has_good_verdict
from plait.service.models.model_version import ALL, NUMBER, AliasState, ModelVersion
from plait.service.models.registry import ModelRegistry
from plait.service.models.version_text import shares_text
from plait.web.origin_texts import ORIGIN_STRINGS
from plait.web.registry_views import AliasCard, AliasEvent, Facts, VersionCard
from plait.web.views import Language

WEIGHT = "weight_"  # before the number of a version, in the names of fields
DECIMAL = re.compile(r"\d{1,12}(\.\d{1,12})?", re.ASCII)
MAX_REASON = 500  # characters
MICROSECONDS = 1e6
Fields = Mapping[str, str]


async def read_fields(request: Request) -> Fields:
    """The texts of a form, the last of several. Raises InputError."""
    form = await parse_form(request)
    try:
        return {name: value for name, value in form.multi_items() if isinstance(value, str)}
    finally:
        await form.close()


def acting_person(request: Request) -> str:
    """Who presses a button, for the history: the key, and without keys the person."""
    author = request_author(request)
    return author if author != OWNER else request_person(request)


def apply_change(registry: ModelRegistry, button: str, fields: Fields, person: str) -> AliasState:
    """Handles the button set, promote or rollback. Raises InputError, ModelNotFound, SettingsError if the alias was
    changed since the page was made.
    """
    project, name, fingerprint = (fields.get(each, "") for each in ("project", "name", "fingerprint"))
    seen = AliasState(project, name, fingerprint, change=whole_number(fields.get("seen", ""), "seen"))
    reason = checked_reason(fields.get("reason", ""))
    if button == "rollback":
        return registry.rollback(project, name, reason=reason, person=person, fingerprint=fingerprint, seen=seen)
    weights = {whole_number(fields.get("version", ""), "version"): ALL} if button == "promote" else weights_of(fields)
    versions = [each for each in registry.versions(project, name) if each.number in weights]
    if button == "promote" and not any(map(has_good_verdict, versions)):
        reason = f"override: {reason}" if reason else "override"
    return registry.set_alias(project, name, weights, reason=reason, person=person, fingerprint=fingerprint, seen=seen)


def weights_of(fields: Fields) -> dict[int, int]:
    """The percents above 0, by number of version."""
    texts = {name.removeprefix(WEIGHT): text for name, text in fields.items() if name.startswith(WEIGHT)}
    weights = {
        whole_number(number, "version"): whole_number(text or "0", WEIGHT + number) for number, text in texts.items()
    }
    return {number: weight for number, weight in weights.items() if weight}


def whole_number(text: str, field: str) -> int:
    if text == "0" or NUMBER.fullmatch(text):
        return int(text)
    raise InputError(f"{field} is {quote(text)}, which is no whole number", hint="write digits")


def positive_number(text: str, field: str) -> float:
    if DECIMAL.fullmatch(text) and float(text):
        return float(text)
    raise InputError(f"{field} is {quote(text)}, which is no number above 0", hint="write it as 0.001")


def checked_reason(text: str) -> str:
    """Raises InputError for a reason that is too long, or that a database cannot keep."""
    if len(text) > MAX_REASON or "\0" in text:
        raise InputError(f"a reason has at most {MAX_REASON} characters, without NUL", hint="say it in a sentence")
    return text.strip()


# ── cards ──


def alias_cards(registry: ModelRegistry, language: Language) -> list[AliasCard]:
    """The aliases of all names, forms of tasks and projects, the newest version first."""
    versions = sorted(registry.versions(), key=lambda each: -each.id)
    keys = dict.fromkeys((each.project, each.name, each.fingerprint) for each in versions)
    return [alias_card(registry, *key, language) for key in keys]


def alias_card(registry: ModelRegistry, project: str, name: str, fingerprint: str, language: Language) -> AliasCard:
    state = registry.alias(project, name, fingerprint)
    versions = [each for each in registry.versions(project, name) if each.fingerprint == fingerprint]
    history = registry.history(project, name, fingerprint)
    weights = dict(state.weights)
    return AliasCard(
        project,
        name,
        fingerprint,
        state.change,
        shares_text(state),
        weights,
        tuple(version_cards(registry, versions, weights, language)),
        tuple(
            AliasEvent(moment(each.created_at / MICROSECONDS), shares_text(each.state), each.person, each.reason)
            for each in history
        ),
    )


def version_cards(
    registry: ModelRegistry, versions: Iterable[ModelVersion], weights: Mapping[int, int], language: Language
) -> Iterable[VersionCard]:
    for each in versions:
        share = weights.get(each.number, 0)
        card = VersionCard(each.label, each.number, "answers" if share else "candidate", share)
        if each.obstacle:
            card = replace(card, state="removed")
        yield replace(card, facts=card_facts(registry, each, language))


def card_facts(registry: ModelRegistry, version: ModelVersion, language: Language) -> Facts:
    """The lineage of a version, as on the page of an answer that it gave; the alias stands above it."""
    strings = ORIGIN_STRINGS[language]
    facts = version_facts(version_origin(registry, version), strings)
    return tuple((name, text) for name, text in facts if name != strings.alias)
