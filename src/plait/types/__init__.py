"""One folder per kind of value, with the same file names in each: see `plait.core.values.value_type`."""
