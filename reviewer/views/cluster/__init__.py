"""The cluster and its nodes: groups, images, machines, add-ons, versions."""
