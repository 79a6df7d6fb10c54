"""Measurements: each script says what it measures, and writes its result beside itself as JSON and Markdown."""
