"""Read an invoice's text into a record. Arithmetic is code's work: the total is computed, never asked for."""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, Field

from plait.core.task.signature import Quoted
from plait.core.task.task import task


class Line(BaseModel):
    what: Quoted[str] = Field(max_length=200)
    quantity: float = Field(gt=0)
    price: Quoted[Decimal] = Field(ge=0, description="per piece, in the invoice's currency")


class Invoice(BaseModel):
    number: Quoted[str] | None = Field(max_length=60)
    issued: Quoted[date] | None
    seller: Quoted[str] | None = Field(max_length=120)
    lines: list[Line] = Field(min_length=1, max_length=50)
    currency: Literal["EUR", "USD", "GBP", "CNY"]

    @property
    def total(self) -> Decimal:
        """The sum of the lines, in the invoice's currency."""
        return sum((Decimal(str(line.quantity)) * line.price for line in self.lines), Decimal())


ZH = {
    "text": "发票文本", "Invoice": "发票", "number": "发票号", "issued": "开票日期", "seller": "卖方", "lines": "明细",
    "currency": "币种", "Line": "明细行", "what": "项目", "quantity": "数量", "price": "单价",
}  # fmt: skip


@task(
    wordings={"zh": "阅读发票{text}，并填写各项内容。"},
    purpose={"en": "Turns the text of an invoice into its fields.", "zh": "把发票的文本变成各个字段。"},
    labels={"zh": ZH},
)
def extract_invoice(text: str) -> Invoice:
    """Read the invoice {text} and fill in its fields."""
    ...
