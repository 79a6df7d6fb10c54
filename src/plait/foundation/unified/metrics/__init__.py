"""Standard metrics: average precision, CIDEr-D, AUC, box overlap, image similarity, bootstrap intervals."""
