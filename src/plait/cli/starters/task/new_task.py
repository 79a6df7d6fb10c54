"""What a customer says about a product, and how content they are."""

from typing import Literal

from pydantic import BaseModel, Field

from plait import task


class Opinion(BaseModel):
    about: Literal["quality", "price", "delivery", "service"]
    stars: int = Field(ge=1, le=5, description="5 is delighted")
    summary: str = Field(max_length=80)


# {review} places the parameter. The same task in Chinese: @task(wordings={"zh": "顾客的评价“{review}”说的是什么"}),
# and then --wording zh.
@task
def new_task(review: str) -> Opinion:
    """What is the review "{review}" about, how many stars would its writer give, and what does it say in short?"""
    ...
