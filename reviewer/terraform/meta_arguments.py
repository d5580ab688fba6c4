"""Arguments that Terraform itself reads, whatever the block is of.

Source: Terraform language documentation, "Meta-Arguments" and "Module Blocks".
"""

REPETITION = frozenset({"count", "for_each"})
"""What says how often a block exists: no arguments of its instances, which have only their own part of it."""

WIRING = frozenset({"depends_on", "provider", "providers", "source", "version"})
"""What a block is made from and after, no value of its own."""

OF_CALLS_ALONE = frozenset({"providers", "source", "version"})
"""Those that are ordinary arguments in a resource: the ``version`` of a cluster is what it runs."""

META_ARGUMENTS = REPETITION | WIRING
