"""The rows of versions of models and of their aliases, in a transaction of the caller."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement, Connection, RowMapping, Table, and_, func, select, update

from plait.core.values.json_text import dumps
from plait.storage.file_rows import now
from plait.storage.tables import alias_changes, aliases, model_versions

BASE = 0  # the number by which an alias names the base model itself


@dataclass(frozen=True)
class StoredVersion:
    """A row of the table of versions. Its columns are explained there; `number` is 0 until it is inserted."""

    project: str
    name: str
    task: str
    fingerprint: str
    base: str
    base_sha256: str
    sha256: str
    size: int
    manifest: str
    run: str
    verdict: str | None = None
    number: int = 0
    created_at: int = 0
    removed_at: int | None = None
    quarantine: str | None = None
    id: int = 0


@dataclass(frozen=True)
class AliasKey:
    """An alias: a name, for one form of a task in one project."""

    project: str
    name: str
    fingerprint: str

    def rows(self, table: Table) -> ColumnElement[bool]:
        """The condition for the rows of this alias."""
        columns = table.c
        return and_(columns.project == self.project, columns.name == self.name, columns.fingerprint == self.fingerprint)


@dataclass(frozen=True)
class StoredChange:
    """A row of the history of aliases; `weights` is JSON."""

    id: int
    project: str
    name: str
    fingerprint: str
    weights: str
    reason: str
    person: str
    created_at: int


def insert_version(connection: Connection, version: StoredVersion) -> StoredVersion:
    """Adds a version under the next number of its name. The file of `sha256` is durable before."""
    columns = model_versions.c
    is_same = and_(columns.project == version.project, columns.name == version.name)
    number = (connection.scalar(select(func.max(columns.number)).where(is_same)) or 0) + 1
    added = replace(version, number=number, created_at=now())
    values = {name: value for name, value in vars(added).items() if name != "id"}
    (id,) = connection.execute(model_versions.insert().values(values)).inserted_primary_key or (0,)
    return replace(added, id=int(id))


def stored_versions(connection: Connection, project: str | None = None, name: str | None = None) -> list[StoredVersion]:
    """The versions of all projects or of one, of all names or of one, removed ones included; the oldest first."""
    columns = model_versions.c
    conditions = [
        *([columns.project == project] if project is not None else []),
        *([columns.name == name] if name is not None else []),
    ]
    query = select(model_versions).where(*conditions).order_by(columns.project, columns.name, columns.number)
    return [StoredVersion(**row) for row in connection.execute(query).mappings()]


def set_verdict(connection: Connection, id: int, verdict: str) -> None:
    connection.execute(update(model_versions).where(model_versions.c.id == id).values(verdict=verdict))


def mark_version_removed(connection: Connection, id: int) -> None:
    """Removes a version; its file stays for a week, its row for good."""
    connection.execute(update(model_versions).where(model_versions.c.id == id).values(removed_at=now()))


# ── aliases ──


def alias_versions(connection: Connection, key: AliasKey) -> list[tuple[int, StoredVersion | None]]:
    """The versions that an alias names with their percents, by number; None is the base itself."""
    columns = [each.label(f"version_{each.name}") for each in model_versions.columns]
    query = (
        select(aliases.c.weight, *columns)
        .select_from(aliases.outerjoin(model_versions))
        .where(key.rows(aliases))
        .order_by(aliases.c.number)
    )
    return [(row["weight"], version_of(row)) for row in connection.execute(query).mappings()]


def version_of(row: RowMapping) -> StoredVersion | None:
    if row["version_id"] is None:
        return None
    return StoredVersion(**{each.name: row[f"version_{each.name}"] for each in model_versions.columns})


def replace_weights(
    connection: Connection, key: AliasKey, weights: Mapping[int, int], ids: Mapping[int, int], reason: str, person: str
) -> None:
    """Sets an alias, and writes that into its history. `ids` are the ids of the versions by number."""
    connection.execute(aliases.delete().where(key.rows(aliases)))
    for number, weight in sorted(weights.items()):
        row = {**vars(key), "number": number, "version_id": ids.get(number), "weight": weight}
        connection.execute(aliases.insert().values(row))
    text = dumps({str(number): weight for number, weight in sorted(weights.items())})
    change = {**vars(key), "weights": text, "reason": reason, "person": person, "created_at": now()}
    connection.execute(alias_changes.insert().values(change))


def stored_changes(connection: Connection, project: str, name: str) -> list[StoredChange]:
    """The changes of the aliases of a name, of all forms of its task, the newest first."""
    columns = alias_changes.c
    is_same = and_(columns.project == project, columns.name == name)
    query = select(alias_changes).where(is_same).order_by(columns.id.desc())
    return [StoredChange(**row) for row in connection.execute(query).mappings()]
