"""Conformance kits for extensions of Plait: one call each, the same for built-in parts and those of other packages.

    check_type("molecule", samples=[Molecule])   the parts of a value type agree with each other
    check_task(my_task)                         everything derived from a task is consistent
    await check_engine(my_engine)               an engine answers its tasks, and only with valid answers

They generate values with Hypothesis and raise AssertionError with an explanation.
"""

from plait.core.deprecation import renamed_names
from plait.testing.engines import check_engine
from plait.testing.tasks import check_task
from plait.testing.types import check_type

__all__ = ["check_engine", "check_task", "check_type"]

# Deprecated names, read for one more version with a DeprecationWarning.
__getattr__ = renamed_names(__name__, {"check_modality": "check_type"})
