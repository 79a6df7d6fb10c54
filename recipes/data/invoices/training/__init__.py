"""Rows to adapt a model with: layouts, vendors, goods and labels of their own, none of them those of held-out rows."""
