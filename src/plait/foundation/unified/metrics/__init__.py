"""Measures of the field: average precision, CIDEr, AUC, box overlap, bootstrap intervals."""
