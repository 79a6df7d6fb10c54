"""`plait forget PERSON`: delete what is kept of a person, and list the models that learned from it"""

import shlex

import click

from plait.cli.program_name import as_called
from plait.core.calls.feedback import check_label
from plait.core.errors import InputError
from plait.learning.answer_origin import teaching_versions
from plait.service.models.model_version import ModelVersion
from plait.service.models.registry import ModelRegistry, current_registry
from plait.storage.database import current_database
from plait.storage.person_rows import PersonRows, delete_person, person_rows

DIGITS = 12  # of a digest


@click.command()
@click.argument("person")
@click.option("--yes", is_flag=True, help="Delete. Without it the command only lists what there is.")
def forget(person: str, yes: bool) -> None:
    """Delete the answers and feedback of a person, in all projects: first a list, then `--yes`.

    PERSON is a name as callers gave it (`?user=`, X-Plait-User), or `session-...` of a browser. Examples that were made
    of the person's recorded answers are deleted as well. What models have learned stays in them: they are listed with
    their runs and aliases. Backups are not changed, and a running server remembers its last answers for an hour.
    """
    if not check_label(person, "person"):
        raise InputError("forget needs a person", hint="plait why ID says who asked for an answer")
    database = current_database()
    found = person_rows(database, person)
    if found.is_empty:
        raise InputError(
            f"nothing is kept of {person!a}", hint="names count exactly; plait why ID says who asked for an answer"
        )
    registry = current_registry()
    reached = teaching_versions(registry, found.taught_ids)
    if yes:
        found = delete_person(database, person)
    click.echo(f"{'deleted' if yes else 'to be deleted'}: {counts(found)}")
    for version in reached:
        click.echo(reach(registry, version, found))
    if not yes:
        click.echo(as_called(f"nothing is deleted yet: plait forget {shlex.quote(person)} --yes"), err=True)
    elif reached:
        hint = "plait adapt TASK --from-base trains without them, plait models remove VERSION removes a version"
        click.echo(as_called(f"what these models learned stays in them: {hint}"), err=True)


def counts(found: PersonRows) -> str:
    return f"{found.answers:,} answers, {found.feedback:,} rows of feedback, {len(found.example_ids):,} examples"


def reach(registry: ModelRegistry, version: ModelVersion, found: PersonRows) -> str:
    """A version that learned from the person's examples: its data set, its run, and the aliases that name it."""
    made_by = version.made_by
    count = sum(each.id in found.taught_ids for each in made_by.examples)
    alias = registry.alias(version.project, version.name, version.fingerprint)
    named = f"named by the alias {version.name} ({alias})" if version.number in dict(alias.weights) else "no alias"
    rows = f"{count} of the {len(made_by.examples)} examples of its data set {made_by.rows_sha256[:DIGITS]}"
    if not count:
        rows = f"trained on from {made_by.config.get('start')}"
    state = f", {version.obstacle}" if version.obstacle else ""
    return f"  {version.label}: {rows}, run {version.run or 'unknown'}, {named}{state}"
