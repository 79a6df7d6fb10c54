"""The rows of routes, in a transaction of the caller. A change adds a row: the newest one of a name holds."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select

from plait.storage.file_rows import now
from plait.storage.tables import routes


@dataclass(frozen=True)
class StoredRoute:
    """A row of the routes. `content` is JSON, None where the route was removed; `id` is 0 before it is added."""

    project: str
    name: str
    task: str
    fingerprint: str
    content: str | None
    reason: str = ""
    created_at: int = 0
    id: int = 0


def insert_route(connection: Connection, route: StoredRoute) -> StoredRoute:
    """Adds a row, which holds from now on."""
    added = replace(route, created_at=now())
    values = {name: value for name, value in vars(added).items() if name != "id"}
    (id,) = connection.execute(routes.insert().values(values)).inserted_primary_key or (0,)
    return replace(added, id=int(id))


def newest_routes(connection: Connection) -> list[StoredRoute]:
    """The newest row of every name in every project, removed ones included."""
    newest = select(func.max(routes.c.id)).group_by(routes.c.project, routes.c.name)
    query = select(routes).where(routes.c.id.in_(newest)).order_by(routes.c.project, routes.c.name)
    return [StoredRoute(**row) for row in connection.execute(query).mappings()]


def route_history(connection: Connection, project: str, name: str) -> list[StoredRoute]:
    """The rows of a name, the newest first."""
    columns = routes.c
    query = select(routes).where(columns.project == project, columns.name == name).order_by(columns.id.desc())
    return [StoredRoute(**row) for row in connection.execute(query).mappings()]
