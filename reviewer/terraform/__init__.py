"""Reading Terraform: where things are written, and what they are worth."""
