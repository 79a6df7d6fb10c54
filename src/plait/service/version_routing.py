"""Chooses the version of a model that answers a task, by the alias `BASE/TASK` of the registry, for each call.

Another version takes over without a failed or a waiting request: while it loads, the one before goes on answering; then
new requests go to it, and the one before ends with its last answer.
"""

import logging
import os
import time
from collections.abc import Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from plait.core.config import settings
from plait.core.engine.model_table import AdaptableTable
from plait.core.errors import PlaitError
from plait.core.task.declaration import Declaration
from plait.service.engine_pool import EnginePool, has_loop
from plait.service.models.discovery import BARE_SUFFIX, Model
from plait.service.models.shipped_adapters import shipped_model
from plait.storage import DATABASE_FILE

if TYPE_CHECKING:
    from plait.service.models.model_version import ModelVersion
    from plait.service.models.registry import ModelRegistry

RETRY_AFTER = 30.0  # seconds until a version that could not be loaded is tried again


@dataclass(frozen=True)
class RouteKey:
    """A task, in a project, that a base model answers."""

    project: str
    alias: str
    fingerprint: str


@dataclass
class Route:
    """The model that answered last, the versions that were used, and when loads were begun."""

    current: Model | None = None
    versions: dict[int, Model] = field(default_factory=dict)  # by the id of the version
    begun: dict[Model, float] = field(default_factory=dict)


class VersionRouter:
    """Routes of one process, whose engines are in a pool."""

    def __init__(self, pool: EnginePool) -> None:
        self.pool = pool
        self.routes: dict[RouteKey, Route] = {}

    def route(self, base: Model, declaration: Declaration, name: str | None, person: str) -> Model:
        """The version of `base` that answers this call: that of the registry, the one that comes with the task, or
        `base` itself. `name` is what the call asks for.
        """
        if not isinstance(base.config, AdaptableTable) or name == base.name + BARE_SUFFIX:
            return base
        alias = f"{base.name}/{declaration.name}"
        base = self.shipped_or_base(base, declaration)
        if not may_have_database():
            return base
        from plait.service.models.registry import current_registry  # loads SQLAlchemy: 0.2 seconds
        from plait.service.models.version_models import project_of

        key = RouteKey(project_of(declaration), alias, declaration.fingerprint)
        registry = current_registry()
        version = registry.resolve(key.project, key.alias, person, key.fingerprint)
        if version is None and key not in self.routes:
            return base
        route = self.routes.setdefault(key, Route())
        model = self.ready(route, self.version_model(route, registry, version, base), base)
        self.retire_others(route, registry.answering(key.project, key.alias, key.fingerprint))
        return model

    def shipped_or_base(self, base: Model, declaration: Declaration) -> Model:
        try:
            return shipped_model(base, declaration) or base
        except PlaitError as error:
            warn_once(str(error))
            return base

    def version_model(
        self, route: Route, registry: "ModelRegistry", version: "ModelVersion | None", base: Model
    ) -> Model:
        """The model of a version, and the base in place of one whose files are not those of the registry."""
        from plait.service.models.version_models import adapted_model

        if version is None:
            return base
        if version.id not in route.versions:
            try:
                route.versions[version.id] = adapted_model(registry, version)
            except PlaitError as error:
                warn_once(str(error))
                return base
        return route.versions[version.id]

    def ready(self, route: Route, wanted: Model, base: Model) -> Model:
        """The wanted model if it is loaded or nothing else is; otherwise the one before, while the wanted one loads."""
        before = route.current or base
        if wanted == before or self.pool.is_loaded(wanted) or not self.pool.is_loaded(before):
            route.current = wanted
            return wanted
        if has_loop() and time.monotonic() - route.begun.get(wanted, -RETRY_AFTER) >= RETRY_AFTER:
            route.begun[wanted] = time.monotonic()
            self.pool.load(wanted)
        return before

    def retire_others(self, route: Route, answering: Set[int]) -> None:
        """Ends the engines of versions that the alias no longer names, apart from the one that still stands in."""
        for id, model in list(route.versions.items()):
            if id not in answering and model != route.current:
                del route.versions[id]
                route.begun.pop(model, None)
                self.pool.retire(model)


def may_have_database() -> bool:
    config = settings()
    return bool(config.database) or os.path.exists(os.path.join(config.data, DATABASE_FILE))


@lru_cache(maxsize=100)
def warn_once(message: str) -> None:
    logging.getLogger("plait").warning("%s: its base answers instead", message)
