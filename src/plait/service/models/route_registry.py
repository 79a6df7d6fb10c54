"""The routes of all projects: kept, removed, and rolled back, with a history as that of aliases.

Every write is acknowledged: when a method returns, the row is on disk.
"""

import os
from collections.abc import Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock

from pydantic import ValidationError

from plait.core.errors import ModelNotFound, SettingsError
from plait.core.suggestions import did_you_mean
from plait.service.models.model_route import CONTENT, ModelRoute, check_route_name
from plait.storage.database import Database, current_database
from plait.storage.route_table import StoredRoute, insert_route, newest_routes, route_history
from plait.storage.schema import has_tables, writing


def stored_route(route: ModelRoute, reason: str) -> StoredRoute:
    content = CONTENT.dump_json(route.content).decode()
    return StoredRoute(route.project, route.name, route.task, route.fingerprint, content, reason)


def route_of_row(row: StoredRoute) -> ModelRoute | None:
    """The route of a row; None where it was removed. Raises SettingsError for a row of another version of Plait."""
    if row.content is None:
        return None
    try:
        content = CONTENT.validate_json(row.content)
    except ValidationError:
        raise SettingsError(
            f"the route {row.name} was written by another version of Plait", hint=f"plait route {row.task}"
        ) from None
    return ModelRoute(row.project, row.name, row.task, row.fingerprint, content)


@dataclass(frozen=True)
class RouteChange:
    """A change of a route: what it was from then on, None if it was removed, and why."""

    route: ModelRoute | None
    reason: str
    created_at: int


class RouteRegistry:
    """Routes in a database, which is read only after a change of it."""

    def __init__(self, database: Database) -> None:
        self.database, self.lock = database, Lock()
        self.stamp: Hashable = None
        self.rows: dict[tuple[str, str], StoredRoute] = {}
        self.parsed: dict[tuple[str, str], ModelRoute] = {}

    def keep(self, route: ModelRoute, reason: str = "") -> None:
        """Keeps a route under its name, in place of the one before. Raises InputError for an impossible name."""
        check_route_name(route.name)
        with writing(self.database) as connection:
            insert_route(connection, stored_route(route, reason))

    def route(self, project: str, name: str) -> ModelRoute | None:
        """The route of that name; None if there is none. Raises SettingsError for one that cannot be read."""
        with self.lock:
            self.refresh()
            key = (project, name)
            if key not in self.parsed and key in self.rows:
                route = route_of_row(self.rows[key])
                if route is not None:
                    self.parsed[key] = route
            return self.parsed.get(key)

    def routes(self, project: str | None = None, task: str | None = None) -> list[ModelRoute]:
        """The routes of all projects or of one, of all tasks or of one, in the order of their names. Those of another
        version of Plait are left out: a call that names one is told.
        """
        with self.lock:
            self.refresh()
            rows = [row for row in self.rows.values() if project in (None, row.project) and task in (None, row.task)]
        return [route for route in map(readable_route, rows) if route is not None]

    def projects(self, name: str) -> list[str]:
        """The projects that have, or had, a route of this name."""
        with self.lock:
            self.refresh()
            return sorted(project for project, each in self.rows if each == name)

    def refresh(self) -> None:
        if not has_tables(self.database):
            self.rows, self.parsed, self.stamp = {}, {}, None
            return
        stamp = self.database.observer.stamp()  # before the rows are read: a change in between is seen next time
        if stamp != self.stamp:
            with self.database.read() as connection:
                self.rows = {(each.project, each.name): each for each in newest_routes(connection)}
            self.parsed, self.stamp = {}, stamp

    def existing(self, project: str, name: str) -> ModelRoute:
        """Raises ModelNotFound, with the nearest name."""
        route = self.route(project, name)
        if route is None:
            names = [each.name for each in self.routes(project)]
            raise ModelNotFound(f"no route is called {name!r}", hint=did_you_mean(name, names, "plait route TASK"))
        return route

    def history(self, project: str, name: str) -> list[RouteChange]:
        """The changes of a route, the newest first."""
        if not has_tables(self.database):
            return []
        with self.database.read() as connection:
            rows = route_history(connection, project, name)
        return [RouteChange(readable_route(row), row.reason, row.created_at) for row in rows]

    def remove(self, project: str, name: str, reason: str = "") -> ModelRoute:
        """Removes a route; a rollback brings it back. Raises ModelNotFound."""
        route = self.existing(project, name)
        with writing(self.database) as connection:
            insert_route(connection, replace(stored_route(route, reason or "removed"), content=None))
        return route

    def rollback(self, project: str, name: str, reason: str = "") -> ModelRoute | None:
        """Returns to the state before the last change, which is a change itself: twice is where it was. The state
        before the first change is None, no route. Raises ModelNotFound.
        """
        if not self.history(project, name):
            raise ModelNotFound(f"no route is called {name!r}", hint="plait models lists those there are")
        with writing(self.database) as connection:
            rows = route_history(connection, project, name)
            before = rows[1] if len(rows) > 1 else replace(rows[0], content=None)
            insert_route(connection, replace(before, reason=reason or "rollback"))
        return route_of_row(before)


def readable_route(row: StoredRoute) -> ModelRoute | None:
    try:
        return route_of_row(row)
    except SettingsError:
        return None


def current_routes() -> RouteRegistry:
    """The routes of the current settings. Nothing is opened before it is used."""
    return routes_at(current_database(), os.getpid())


@lru_cache(maxsize=8)
def routes_at(database: Database, pid: int) -> RouteRegistry:
    """A process that was forked has connections of its own, and so routes of its own."""
    return RouteRegistry(database)
