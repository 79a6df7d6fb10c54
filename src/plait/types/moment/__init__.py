"""Dates, times of day and both, in ISO 8601; only such as exist."""
