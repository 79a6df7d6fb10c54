"""Modules of the recipe `home_command`: rooms, houses, templates, wording, mapping, sentences."""
