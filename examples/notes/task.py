"""How a shop writes to its customers. Taught by pairs of a liked and a disliked note by one command: see README.md."""

from plait import task


@task
def note_to(customer: str, goods: str, day: str) -> str:
    """Tell {customer} that the {goods} will arrive on {day}."""
    ...
