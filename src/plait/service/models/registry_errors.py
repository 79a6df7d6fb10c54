"""Refusals of the registry of models: the same words in Python, on the command line, over HTTP and on pages."""

from collections.abc import Iterable, Mapping, Sequence

from plait.core.errors import InputError, ModelNotFound, SettingsError
from plait.core.suggestions import did_you_mean
from plait.service.models.adapter_scope import adapt_command
from plait.service.models.model_version import ALL, AliasChange, AliasState, ModelVersion, VersionName
from plait.storage.model_table import StoredVersion

RESTORE_HINT = "plait restore FILE --replace takes its file from a backup"


def unknown_name_error(name: str, known: Iterable[str]) -> ModelNotFound:
    hint = did_you_mean(name, known, "plait models lists those there are")
    return ModelNotFound(f"no version of a model is called {name!r}", hint=hint)


def unknown_version_error(version: VersionName, known: Sequence[StoredVersion]) -> ModelNotFound:
    usable = [each.number for each in known if not as_version(each).obstacle]
    there = f"there are {', '.join(f'{version.name}@{number}' for number in usable)}" if usable else "none is left"
    return ModelNotFound(f"there is no {version}", hint=there)


def obstacle_error(version: ModelVersion) -> ModelNotFound:
    """The refusal of a version that was removed, or whose file is damaged."""
    hint = (
        f"plait models show {version.name} lists those that are left\n"
        f"plait models export {version.label} FILE.tar saves it within a week of its removal"
        if version.removed_at is not None
        else RESTORE_HINT
    )
    return ModelNotFound(f"{version.label} {version.obstacle}", hint=hint)


def check_weights(name: str, weights: Mapping[int, int]) -> None:
    """Raises InputError unless the weights are whole percents that sum to 100."""
    written = " ".join(f"{number or 'base'}={weight}" for number, weight in weights.items())
    if not weights or any(weight < 1 for weight in weights.values()) or sum(weights.values()) != ALL:
        raise InputError(
            f"the weights of {name} are {written or 'missing'}, which sum to {sum(weights.values())}",
            hint=f"percents above 0 that sum to {ALL}: plait models alias {name} 1=90 2=10",
        )


def check_one_form(name: str, versions: Sequence[StoredVersion]) -> None:
    """Raises InputError if versions answer different forms of a task: inputs or types have changed in between."""
    forms = {each.fingerprint: each for each in versions}
    if len(forms) > 1:
        one, other = sorted(forms.values(), key=lambda each: each.number)[:2]
        raise InputError(
            f"{name}@{one.number} and {name}@{other.number} answer different forms of the task "
            f"({one.fingerprint[:12]} and {other.fingerprint[:12]})",
            hint=f"name versions of one form: plait models show {name}",
        )


def check_unused(version: ModelVersion, current: AliasState, previous: AliasState) -> None:
    """Raises InputError if an alias names a version, or would by a rollback."""
    shares = dict(current.weights)
    if version.number in shares:
        raise InputError(
            f"{version.label} is in use: the alias {version.name} gives it {shares[version.number]} %",
            hint=f"plait models alias {version.name} base\n"
            f"plait models alias {version.name} base   # again, so that no rollback returns to it",
        )
    if version.number in dict(previous.weights):
        raise InputError(
            f"{version.label} is in use: a rollback of the alias {version.name} would return to it",
            hint=f"plait models alias {version.name} {current} makes the present state the one before as well",
        )


def changed_error(name: str, last: AliasChange | None) -> SettingsError:
    what = f"to {last.state}" if last else "back to its beginning"
    return SettingsError(
        f"the alias {name} was changed in the meantime, {what}, and is left as it is", hint=f"plait models show {name}"
    )


def no_change_error(name: str) -> InputError:
    return InputError(
        f"the alias {name} was never set, so there is nothing to roll back", hint=f"plait models alias {name} 1"
    )


def as_version(row: StoredVersion) -> ModelVersion:
    return ModelVersion(**vars(row))


def base_error(version: ModelVersion, base: str, sha256: str) -> ModelNotFound:
    """The refusal of a version of another base than the installed file."""
    return ModelNotFound(
        f"{version.label} is an adapter of the file with the sha256 {version.base_sha256[:12]}…, and {base} is one "
        f"with {sha256[:12]}…",
        hint="install the file that it was trained on, or adapt this one: "
        f"{adapt_command(version.task, version.fingerprint)} --model {base}",
    )


def file_error(version: ModelVersion, fault: str) -> ModelNotFound:
    """The refusal of a version whose file is damaged or missing."""
    return ModelNotFound(f"the file of {version.label} {fault}", hint=RESTORE_HINT)
