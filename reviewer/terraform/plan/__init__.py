"""Plans: what ``terraform show -json`` says of values that the code alone does not tell."""
