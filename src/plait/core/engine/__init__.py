"""The protocols of engines, and how an engine's text becomes a validated answer."""
