"""One folder per value type, with the same file names in each: see `plait.core.values.value_type`."""
