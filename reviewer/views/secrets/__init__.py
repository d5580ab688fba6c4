"""Secrets: what looks like one, where they are written, and who prints them."""
