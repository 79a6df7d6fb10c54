"""Quotations: values that stand in the inputs, `Quoted[str]`, `Quoted[Decimal]`, `Quoted[date]`."""

from plait.types.quotation.quotation_type import QuotationType as QuotationType
