from decimal import Decimal
from enum import Enum

from pydantic import BaseModel

from plait import Quoted, task


class Priority(Enum):
    normal = "normal"
    urgent = "urgent"


class Order(BaseModel):
    customer: Quoted[str]
    item: Quoted[str]
    pieces: Quoted[int]
    budget: Quoted[Decimal]
    priority: Priority


@task
def read_order(email: str) -> Order:
    """Read the order in {email}."""
    ...
