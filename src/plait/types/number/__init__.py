"""Whole and decimal numbers within exact bounds."""
