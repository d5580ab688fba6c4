"""From a change to a review: what is touched, what the checks say on both sides, what is new, and where it is shown."""
