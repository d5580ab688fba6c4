"""The configuration: what there is to set, and the file that sets it."""
