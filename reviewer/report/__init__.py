"""Every form in which a review is shown."""
