"""Examples: inputs with their right answers, shipped beside a task's file (seeds) or added by users.

Both are rows with a column per input and one called `answer`, all in JSON form. Seeds are JSON lines and read-only.
Added examples lie in a store (plait.storage has the one of Plait) and belong to a project and to a fingerprint.
Everyone in the project sees them; corrections are seen by their author alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from plait.core import plugins
from plait.core.deprecation import renamed_property
from plait.core.prompting.example_rows import Example, count_lines, read_examples
from plait.core.prompting.project import OWNER, Visibility
from plait.core.task.declaration import Declaration
from plait.core.values.inputs import inputs_from_call


class ExampleStore(Protocol):
    """Protocol of a store for the examples that one author sees for one form of a task in one project.

    The extension point is plait.core.plugins.EXAMPLE_STORES. The key is a task's `fingerprint`, its `project_folder`,
    the author, and the visibility: an example for its author is shown to nobody else.

    Every change is durable when the method returns. Raises SettingsError if it cannot be made durable.
    """

    def add(self, example: Example, visibility: Visibility = "everyone") -> None: ...

    def __iter__(self) -> Iterator[Example]:
        """The examples: the author's own, newest first, then those for everyone, newest first."""
        ...

    @property
    def of_all_authors(self) -> Iterator[Example]:
        """The examples of every author and those for everyone, newest first: what a model of the project learns from.

        No prompt shows them.
        """
        ...

    def nearest(self, inputs: Mapping[str, object], count: int) -> Iterator[Example]:
        """The examples most similar to these inputs, including the task's seeds, nearest first."""
        ...

    def remove(self, example: Example) -> bool:
        """Removes an example; whether it was present."""
        ...

    def undo(self) -> Example | None:
        """Removes the newest example for everyone and returns it; None if there is none."""
        ...

    @property
    def count(self) -> int:
        """The number of examples, without parsing them."""
        ...

    @property
    def digest(self) -> str:
        """Changes whenever an example that the author sees is added or removed."""
        ...

    @property
    def earlier(self) -> Iterator[Example]:
        """The examples for other forms of the task in this project that fit this one, the oldest first."""
        ...

    @property
    def earlier_count(self) -> int:
        """The number of examples for other forms of the task, whether they fit or not."""
        ...


@dataclass(frozen=True)
class Examples:
    """The examples of one task that `author` sees. Iteration yields the added ones, newest first, then the seeds in
    order.
    """

    declaration: Declaration
    author: str = OWNER

    @property
    def store(self) -> ExampleStore:
        """Where the added examples are: in the store of another package if one is installed, else in Plait's."""
        return example_store()(self.declaration, self.author)

    @property
    def seeds_file(self) -> Path:
        return Path(self.declaration.source.file).parent / "seeds" / f"{self.declaration.name}.jsonl"

    @property
    def held_out_file(self) -> Path:
        """The file of held-out rows of a task without splits."""
        return Path(self.declaration.source.file).parent / "held_out" / f"{self.declaration.name}.jsonl"

    @property
    def held_out_files(self) -> list[Path]:
        """Files of held-out rows with right answers, one per split, which no prompt contains: the task is scored on
        them.
        """
        folder, name = self.held_out_file.parent, self.declaration.name
        return [*folder.glob(f"{name}.jsonl"), *sorted(folder.glob(f"{name}.*.jsonl"))]

    @property
    def seeds(self) -> Iterator[Example]:
        return read_examples(self.declaration, self.seeds_file)

    @property
    def earlier(self) -> Iterator[Example]:
        """The examples added to other forms of the task that fit this one: `add` takes them over."""
        return self.store.earlier

    @property
    def unshown(self) -> Iterator[Example]:
        """The held-out rows, which no prompt shows; without any, the examples, none of which is among its own shots.

        A held-out answer may quote values that do not stand in its inputs.
        """
        files = self.held_out_files
        rows = (each for file in files for each in read_examples(self.declaration, file, needs_quotes=False))
        return rows if files else iter(self)

    @property
    def unshown_count(self) -> int:
        return sum(map(count_lines, self.held_out_files)) or self.count

    @property
    def added_examples(self) -> list[Example]:
        return list(self.store)[::-1]

    added = renamed_property("added", "added_examples")

    @property
    def count(self) -> int:
        """The number of examples, without parsing them."""
        return count_lines(self.seeds_file) + self.store.count

    @property
    def of_all_authors(self) -> Iterator[Example]:
        """The added examples of every author, newest first, then the seeds: what a model of the project learns from."""
        yield from self.store.of_all_authors
        yield from self.seeds

    def __iter__(self) -> Iterator[Example]:
        yield from self.store
        yield from self.seeds

    def nearest(self, inputs: Mapping[str, object], count: int) -> Iterator[Example]:
        """The examples most similar to these inputs, nearest first; for equal inputs only the newest one.

        Rows of an earlier form of the task that no longer fit are skipped. Raises InputError for an invalid row.
        """
        return self.store.nearest(inputs, count)

    def add(self, answer: object, /, **inputs: Any) -> None:
        """Adds an example with the right answer, for everyone in the project.

        It is on disk on return, and available to prompts from the next call on.
        """
        self.store.add(Example(inputs_from_call(self.declaration, (), inputs), answer))

    def undo(self) -> Example | None:
        """Removes the most recently added example and returns it; None if there is none.

        A correction is taken back with its own `undo`.
        """
        return self.store.undo()


def example_store() -> Callable[[Declaration, str], ExampleStore]:
    """The installed store of examples. Raises SettingsError if there is none, MissingDependency."""
    # Plait's own comes last; it loads SQLAlchemy, which another store may not need.
    for plugin in sorted(plugins.external(plugins.EXAMPLE_STORES), key=lambda each: each.distribution == "plait"):
        attempt = plugins.attempt_load(plugin)
        if not attempt.error:
            return cast("Callable[[Declaration, str], ExampleStore]", attempt.part)
        if plugin.distribution == "plait":
            return cast("Callable[[Declaration, str], ExampleStore]", plugin.load())
    raise plugins.not_found_error(plugins.EXAMPLE_STORES, "database")
