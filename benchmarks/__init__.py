"""How long a review takes and how much memory: the whole process, on generated input, beside Checkov."""
