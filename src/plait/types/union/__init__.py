"""One of several kinds, told apart by an outer tag."""
