"""The project of a version that a command names."""

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from plait.core.errors import InputError
from plait.core.prompting.project import project_key, real_path
from plait.service.models.registry import ModelRegistry
from plait.service.models.registry_errors import unknown_name_error

F = TypeVar("F", bound=Callable[..., Any])


def project_option(command: F) -> F:
    return click.option("--project", metavar="KEY", help="The project, if several have versions of this name.")(command)


def project_of_name(registry: ModelRegistry, name: str, project: str | None) -> str:
    """The named project, else that of the working folder, else the only one with versions of this name.

    Raises ModelNotFound, and InputError if there are several.
    """
    versions = registry.versions()
    projects = sorted({each.project for each in versions if each.name == name})
    if not projects or (project is not None and project not in projects):
        raise unknown_name_error(name, {each.name for each in versions if project in (None, each.project)})
    return chosen_project(f"versions of {name}", projects, project)


def chosen_project(what: str, projects: Sequence[str], project: str | None) -> str:
    """One of the projects that have this. Raises InputError if it is not clear which."""
    here = project_key(real_path(os.getcwd()))
    if project is not None:
        return project
    if here in projects or len(projects) == 1:
        return here if here in projects else projects[0]
    raise InputError(
        f"{len(projects)} projects have {what}: {', '.join(projects)}",
        hint=f"name one: --project {projects[0]}\nor run it in the folder of the project",
    )
