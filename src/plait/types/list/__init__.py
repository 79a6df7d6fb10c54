"""Several values of one kind, bounded in number."""
