"""IAM: roles, policies and their statements, and who may administer a cluster."""
