"""The repository around the code: workflows, tests, documents, owners."""
