"""The protocols of engines, and validation of an engine's text into an answer."""
