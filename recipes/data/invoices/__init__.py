"""Modules of the recipe `extract_invoice`: invoice contents, layouts, scan noise, handwritten rows."""
