"""The tables of the database, in the newest schema. A change here needs a migration (migrations/versions).

Times are microseconds since 1970 (UTC), so that both databases sort and compare them alike.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

SCHEMA_VERSION = "0004"  # the newest revision of migrations/versions

# SQLite counts ids up in a column of exactly the type INTEGER.
ROW_ID = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# What the file store must contain: a file lies under its sha256.
files = Table(
    "files",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

# Examples of users. `row` is the JSON of inputs and answer, without the attached files; `author` is "" for everyone,
# `project` "" until the first project uses what an earlier version had kept for all. A removed row stays for a week,
# one that `plait fsck --repair` takes out stays for good, with the reason in `quarantine`.
examples = Table(
    "examples",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("project", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("author", Text, nullable=False),
    Column("row", Text, nullable=False),
    Column("correction", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("removed_at", BigInteger),
    Column("quarantine", Text),
    Index(None, "project", "task", "fingerprint", "author"),
    sqlite_autoincrement=True,  # an id is never used twice, so a reader that knows the last one misses nothing
)

# A picture of an example: the value at `path` (JSON list of names and indices) is `prefix` and the file in base64.
example_files = Table(
    "example_files",
    metadata,
    Column("example_id", ROW_ID, ForeignKey("examples.id", ondelete="CASCADE"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("sha256", String(64), ForeignKey("files.sha256"), nullable=False, index=True),
    Column("prefix", Text, nullable=False),
)

# Versions of models: NAME@NUMBER in a project. `manifest` is the JSON of how it was made, `verdict` that of its gate.
# `sha256` refers to a file, not to a row of `files`: the row of a removed version stays when its file is deleted.
model_versions = Table(
    "model_versions",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("project", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("task", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("base", Text, nullable=False),
    Column("base_sha256", String(64), nullable=False),
    Column("sha256", String(64), nullable=False, index=True),
    Column("size", BigInteger, nullable=False),
    Column("manifest", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("verdict", Text),
    Column("created_at", BigInteger, nullable=False),
    Column("removed_at", BigInteger),
    Column("quarantine", Text),
    UniqueConstraint("project", "name", "number"),
    sqlite_autoincrement=True,
)

# Which versions answer under a name, for one form of a task: weights in percent. The base itself has the number 0, and
# no row among the versions.
aliases = Table(
    "aliases",
    metadata,
    Column("project", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("version_id", ROW_ID, ForeignKey("model_versions.id"), index=True),
    Column("weight", Integer, nullable=False),
)

# The history of aliases. `weights` is the JSON of the state after the change: percent by number of version.
alias_changes = Table(
    "alias_changes",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("project", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("weights", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "project", "name", "fingerprint"),
    sqlite_autoincrement=True,
)

# Routes: models that are asked one after the other until one is sure. This is their history: the newest row of a name
# holds. `content` is the JSON of the route, NULL where it was removed.
routes = Table(
    "routes",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("project", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("content", Text),
    Column("reason", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "project", "name"),
    sqlite_autoincrement=True,
)

# Recorded answers (the setting `recording`). `content` is the JSON of answer and inputs, without the attached files;
# `project` is `project_key`. `author` may read it, `person` is a label.
answers = Table(
    "answers",
    metadata,
    Column("id", Text, primary_key=True),
    Column("project", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("author", Text, nullable=False),
    Column("person", Text, nullable=False, index=True),
    Column("model", Text, nullable=False),
    Column("wording", Text, nullable=False),
    Column("content", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("quarantine", Text),
    Index(None, "project", "task", "fingerprint", "created_at"),
)

# A picture in the inputs or the answer of a recorded answer, as in `example_files`.
answer_files = Table(
    "answer_files",
    metadata,
    Column("answer_id", Text, ForeignKey("answers.id", ondelete="CASCADE"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("sha256", String(64), ForeignKey("files.sha256"), nullable=False, index=True),
    Column("prefix", Text, nullable=False),
)

# What people said about answers, recorded or not. Rows are added, never changed: the last verdict of a person holds.
# `better_than` is the answer over which this one was chosen; the rows of an episode share its id.
feedback = Table(
    "feedback",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=True),
    Column("answer_id", Text, nullable=False, index=True),
    Column("project", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("author", Text, nullable=False),
    Column("person", Text, nullable=False, index=True),
    Column("is_right", Boolean),
    Column("score", Float),
    Column("comment", Text, nullable=False),
    Column("better_than", Text, nullable=False),
    Column("episode", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Index(None, "project", "task", "fingerprint"),
    sqlite_autoincrement=True,
)
