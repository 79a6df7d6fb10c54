"""Endpoints of OpenAI's API. A parameter that Plait does not support is refused by name, never ignored."""
