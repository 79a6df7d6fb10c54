"""The databases that tests use beside the one of their data folder."""

from tests.support.postgresql import postgresql, postgresql_address

__all__ = ["postgresql", "postgresql_address"]
