"""A value type for pictures on disk of which only the header is read, so that rows are checked by core."""
