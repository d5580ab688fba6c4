"""From a change to a review: what is touched, what the checks say, what is new, where it is shown."""
