"""Weight files of the unified model: write, read, export and find by name."""
