from pydantic import BaseModel

from plait import Ref, task


class Person(BaseModel):
    name: str


@task
def recipient(request: str, people: list[Person]) -> Ref[Person]:
    """Which of {people} is meant in "{request}"?"""
    ...
