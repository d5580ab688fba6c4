"""The commands on a person's machine."""
