"""Protocol of a source of samples: the user's own rows, or an endless synthetic world."""

from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class SampleSource(Protocol[T_co]):
    """Samples by index. As long as the digest is the same, an index gives the same sample."""

    @property
    def name(self) -> str:
        """Name shown to the user: path of a file, or name of a world."""
        ...

    @property
    def digest(self) -> str:
        """Hex digest of everything that determines the samples."""
        ...

    @property
    def length(self) -> int | None:
        """Number of samples; None if endless."""
        ...

    def sample(self, index: int) -> T_co:
        """The sample at an index, counted from 0. Raises InputError if it cannot be used."""
        ...
