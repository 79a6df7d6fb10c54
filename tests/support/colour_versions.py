"""A small task, a model that starts in half a second, and versions of an adapter of it in the registry."""

from pathlib import Path
from typing import Any

from plait.core.prompting.project import project_folder, project_key
from plait.core.values.file_digest import file_sha256
from plait.foundation.cards.gguf.header import read_gguf_header
from plait.service.models.model_version import NewVersion
from plait.service.models.registry import ModelRegistry, current_registry
from tests.support.lora_adapters import write_adapter

COLOUR = '''from typing import Literal
from plait import task

@task
def colour(thing: str) -> Literal["red", "green", "blue", "yellow", "white", "black", "pink", "brown"]:
    """Which colour has {thing}?"""
    ...
'''
NAME = "tiny/colour"


def write_settings(folder: Path, base: Path, name: str = "tiny") -> None:
    (folder / "plait.toml").write_text(f'[models.{name}]\npath = "{base}"\ncontext = 512\n')


def project_of_task(colour: Any) -> str:
    return project_key(project_folder(colour.declaration))


def registry_with_versions(colour: Any, base: Path, folder: Path, count: int = 2) -> ModelRegistry:
    """The registry of the settings, with versions 1 to `count` of the task's adapter."""
    registry = current_registry()
    project, fingerprint = project_of_task(colour), colour.declaration.fingerprint
    for seed in range(1, count + 1):
        file = write_adapter(folder / "adapter.gguf", read_gguf_header(base), seed)
        registry.add_version(NewVersion(project, NAME, "tiny", file_sha256(base), "colour", fingerprint), file)
        file.unlink()
    return registry
