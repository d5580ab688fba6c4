"""Expressions: their text read into trees, by code for what people write and by python-hcl2 for the rest."""
