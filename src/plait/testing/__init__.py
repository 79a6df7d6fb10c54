"""Conformance kits for those who extend Plait: one call each, for built-ins and strangers alike.

    check_type("molecule", samples=[Molecule])   the parts of a value type of yours agree
    check_task(my_task)                         all that follows from a task of yours agrees with itself
    await check_engine(my_engine)               an engine of yours answers what it should, and nothing else

They draw values with Hypothesis and raise AssertionError in words.
"""

from plait.core.deprecation import renamed_names
from plait.testing.engines import check_engine
from plait.testing.tasks import check_task
from plait.testing.types import check_type

__all__ = ["check_engine", "check_task", "check_type"]

# Read for one version more, with a DeprecationWarning.
__getattr__ = renamed_names(__name__, {"check_modality": "check_type"})
