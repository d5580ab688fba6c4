"""Checks of one's own: Rego policies in the repository, and Python checks that are installed beside this."""
