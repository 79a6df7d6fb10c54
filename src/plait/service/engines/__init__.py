"""Engines that run or call models, one folder each. Engines do not import each other."""
