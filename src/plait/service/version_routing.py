"""Chooses the version of a model that answers a task, by the alias `BASE/TASK` of the registry, for each call.

A task without an adapter of its own is answered by the version for any typed task, `BASE-typed`, if there is one. Chats
and completions never are: they have no task, and come not this way.

Another version takes over without a failed or a waiting request: while it loads, the one before goes on answering; then
new requests go to it, and the one before ends with its last answer.
"""

import logging
import os
import time
from collections.abc import Callable, Set
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from plait.core.config import settings
from plait.core.engine.model_table import AdaptableTable
from plait.core.errors import PlaitError
from plait.core.task.declaration import Declaration
from plait.service.engine_pool import EnginePool, has_loop
from plait.service.models.adapter_scope import ANY_TYPED_TASK, AdapterScope, is_typed, task_scope
from plait.service.models.discovery import BARE_SUFFIX, Model
from plait.service.models.shipped_adapters import shipped_model, shipped_typed_model
from plait.storage import DATABASE_FILE

if TYPE_CHECKING:
    from plait.service.models.model_version import ModelVersion
    from plait.service.models.registry import ModelRegistry

RETRY_AFTER = 30.0  # seconds until a version that could not be loaded is tried again


@dataclass(frozen=True)
class RouteKey:
    """The alias of a base model's versions for one task, or for any."""

    scope: AdapterScope
    alias: str


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
        """The version of `base` that answers this call: that of the registry for the task, the one that comes with the
        task, then the same for any typed task, or `base` itself. `name` is what the call asks for.
        """
        if not isinstance(base.config, AdaptableTable) or name == base.name + BARE_SUFFIX:
            return base
        own = self.shipped(shipped_model, base, declaration) or self.typed_or_base(base, declaration, person)
        return self.version_or(own, RouteKey(scope := task_scope(declaration), scope.name(base.name)), person)

    def typed_or_base(self, base: Model, declaration: Declaration, person: str) -> Model:
        """The version for any typed task: that of the registry, or the one that comes with Plait or the task."""
        if not is_typed(declaration):
            return base
        own = self.shipped(shipped_typed_model, base, declaration) or base
        return self.version_or(own, RouteKey(ANY_TYPED_TASK, ANY_TYPED_TASK.name(base.name)), person)

    def version_or(self, base: Model, key: RouteKey, person: str) -> Model:
        """The version that the registry has under an alias, and `base` without one."""
        if not may_have_database():
            return base
        from plait.service.models.registry import current_registry  # loads SQLAlchemy: 0.2 seconds

        project, fingerprint = key.scope.project, key.scope.fingerprint
        registry = current_registry()
        version = registry.resolve(project, key.alias, person, fingerprint)
        if version is None and key not in self.routes:
            return base
        route = self.routes.setdefault(key, Route())
        model = self.ready(route, self.version_model(route, registry, version, base), base)
        self.retire_others(route, registry.answering(project, key.alias, fingerprint))
        return model

    def shipped(
        self, find: Callable[[Model, Declaration], Model | None], base: Model, declaration: Declaration
    ) -> Model | None:
        try:
            return find(base, declaration)
        except PlaitError as error:
            warn_once(str(error))
            return None

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
