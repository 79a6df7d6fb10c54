"""Weight files of the unified model: write, read, export, find by name."""
