"""One of several types, told apart by an outer tag."""
