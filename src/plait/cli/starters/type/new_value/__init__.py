"""Codes such as B-1203: a letter and a number."""
