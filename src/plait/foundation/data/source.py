"""What a mixture draws from: the user's own rows, or a world without end."""

from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class SampleSource(Protocol[T_co]):
    """Samples by their place. The same place gives the same sample for as long as the digest stays."""

    @property
    def name(self) -> str:
        """What a person calls it: a file's path, a world's name."""
        ...

    @property
    def digest(self) -> str:
        """Of all that decides which samples there are, in hexadecimal."""
        ...

    @property
    def length(self) -> int | None:
        """How many samples there are; None where there is no end."""
        ...

    def sample(self, index: int) -> T_co:
        """The sample at a place, counted from 0. Raises InputError where it turns out to be none."""
        ...
