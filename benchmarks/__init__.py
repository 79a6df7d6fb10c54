"""Benchmarks. The docstring of each script describes what it measures; it writes its results beside itself."""
