"""What a bookkeeper writes down of a bill. Adapted to 200 corrected records by one command: see README.md."""

from datetime import date

from pydantic import BaseModel, Field

from plait import Quoted, task


class Bill(BaseModel):
    number: Quoted[str] | None = Field(max_length=60)
    issued: Quoted[date] | None
    seller: Quoted[str] | None = Field(max_length=120)


@task
def read_bill(text: str) -> Bill:
    """The number of the bill {text}, the day it was issued, and who sold"""
    ...
