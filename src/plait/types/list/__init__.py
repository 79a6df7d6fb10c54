"""Several values of one type, bounded in number."""
