"""Value types, one file or package each: see `plait.core.values.value_type`."""
